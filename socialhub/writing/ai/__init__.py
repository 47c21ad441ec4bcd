"""The writer that asks an OpenAI-compatible endpoint. Knows no rows and no settings.

Importing this package loads neither the SDK nor its HTTP client.
"""

from socialhub.writing.ai.endpoint import Endpoint, Prices
from socialhub.writing.ai.errors import AIError
from socialhub.writing.ai.ledger import Ledger, Usage
from socialhub.writing.ai.writer import AIWriter

__all__ = ["AIError", "AIWriter", "Endpoint", "Ledger", "Prices", "Usage"]
