# Limber as an image: everything is installed and compiled in the first stage, the second holds what runs and no more.
#
#   docker build -t limber .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL -p 127.0.0.1:8000:8000 -v limber-data:/data limber

FROM python:3.11-slim AS build

ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app

COPY requirements.lock ./
RUN python -m venv --without-pip /opt/limber \
    && python -m pip --python /opt/limber/bin/python install \
        --require-hashes --only-binary :all: -r requirements.lock

COPY schemas ./schemas
COPY data ./data
COPY api ./api
# The root file system is read-only later, so the bytecode is made now; a hash-based one never compares file times.
RUN /opt/limber/bin/python -m compileall -q --invalidation-mode unchecked-hash schemas data api


FROM python:3.11-slim

LABEL org.opencontainers.image.title="Limber" \
      org.opencontainers.image.description="An open backend for stretching, mobility and rehab apps." \
      org.opencontainers.image.licenses="Apache-2.0 AND CC-BY-4.0"

RUN groupadd --system --gid 10001 limber \
    && useradd --system --uid 10001 --gid limber --no-create-home --home-dir /data --shell /usr/sbin/nologin limber \
    && install -d -m 0700 -o limber -g limber /data

COPY --from=build /opt/limber /opt/limber
COPY --from=build /app /app
COPY LICENSE /app/

ENV PATH=/opt/limber/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LIMBER_DATABASE_URL=sqlite:////data/limber.db \
    LIMBER_HOST=0.0.0.0 \
    LIMBER_PORT=8000

WORKDIR /app
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=10s --timeout=4s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import http.client as h, os, sys; c = h.HTTPConnection('127.0.0.1', int(os.environ['LIMBER_PORT']), timeout=3); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]

CMD ["python", "-m", "api", "serve"]
