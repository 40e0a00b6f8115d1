"""Worker processes that judge candidates: the pool around them, the messages between, the service that stays."""
