"""What other programs and people read about our HTTP APIs: the OpenAPI document and its page."""

from shared.openapi.document import openapi
from shared.openapi.page import add_page

__all__ = ["add_page", "openapi"]
