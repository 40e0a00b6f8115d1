"""The judge as an HTTP server: POST /verify, for trainers and anyone else who does not run Python beside it.

`body` says what a request may hold, `queue` bounds what is under way, `app` puts both behind HTTP, `server` runs it.

In: requests, which never name code. Out: verdicts with scores. Imports: verify, score and below.
"""
