"""Run the service: `python -m services.routing`."""

import sys

from services.routing.main import create_service
from services.routing.settings import RoutingSettings
from shared.server import serve

if __name__ == "__main__":
    sys.exit(serve(create_service(RoutingSettings.load())))
