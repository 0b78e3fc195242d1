"""What other programs and people read about our HTTP APIs: the OpenAPI document and its page."""

from shared.web.openapi.document import openapi
from shared.web.openapi.page import add_page

__all__ = ["add_page", "openapi"]
