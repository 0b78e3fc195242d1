"""Run the service: `python -m services.reporting`."""

import sys

from services.reporting.main import create_service
from services.reporting.settings import ReportingSettings
from shared.runtime import serve

if __name__ == "__main__":
    sys.exit(serve(create_service(ReportingSettings.load())))
