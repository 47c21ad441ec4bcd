"""Pictures from templates. Call the verbs through their modules: `templates`, `jobs`, `batches`.

Rendering is for the worker: a request checks what it can and starts a job.
"""
