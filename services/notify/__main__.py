"""Run the service: `python -m services.notify`."""

import sys

from services.notify.main import create_service
from services.notify.settings import NotifySettings
from shared.server import serve

if __name__ == "__main__":
    sys.exit(serve(create_service(NotifySettings.load())))
