"""Models, as folders (torch-free) and as weights: names, pointers, adapters, prompts, arithmetic, memory.

In: a folder or name. Out: models, tokenizers, digests, prompts. Imports: disk and below; never tasks,
sampling, training.
"""
