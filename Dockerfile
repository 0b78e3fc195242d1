# One recipe for the four services: docker build --build-arg SERVICE=intake .
# And for the command line, which knows all of them: docker build --target klik .
# The images share every layer but the last ones.

FROM python:3.13-slim AS packages
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.lock


FROM python:3.13-slim AS common
# 10001 runs the service. 10000 needs no account: it owns the folders that docker-compose.yml mounts
# its volumes of secrets on, and with them the plain API keys, which the services have no use for.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin klik \
 && for share in "" intake routing notify reporting rabbitmq mongo; do \
        install --directory --owner=10000 --group=10000 "/run/klik/shares/$share"; \
    done \
 && chown 10000:10000 /run/klik
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ARROW_DEFAULT_MEMORY_POOL=system \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    KLIK_HTTP_HOST=0.0.0.0 \
    KLIK_HTTP_PORT=8000
WORKDIR /app
COPY --from=packages /venv /venv
# owned by the user because a checkout made with a strict umask is readable by its owner only
COPY --chown=klik:klik shared/ shared/
COPY --chown=klik:klik klik/ klik/
COPY --chown=klik:klik services/__init__.py services/


FROM common AS klik
COPY --chown=klik:klik services/ services/
USER 10000:10000
CMD ["python", "-m", "klik", "--help"]


FROM common
ARG SERVICE
RUN : "${SERVICE:?give one: --build-arg SERVICE=intake}"
COPY --chown=klik:klik services/${SERVICE}/ services/${SERVICE}/
ENV SERVICE=${SERVICE}

# by number, so that an orchestrator can see that it is not root
USER 10001:10001
EXPOSE 8000
# http.client and not urllib.request, which would ask a proxy named in the environment for 127.0.0.1
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, sys; from http.client import HTTPConnection; c = HTTPConnection('127.0.0.1', int(os.environ['KLIK_HTTP_PORT']), timeout=4); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
# exec: Python is process 1 and gets the SIGTERM
CMD ["sh", "-c", "exec python -m services.$SERVICE"]
