# SocialHub: one image for web, workers and beat. Not root; Chromium is there for rendering.
FROM python:3.11-slim-bookworm AS build
COPY requirements.txt /tmp/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium fonts-dejavu-core fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --uid 10001 socialhub
COPY --from=build /venv /venv
COPY --chown=root:root . /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    CHROMIUM_PATH=/usr/bin/chromium \
    SOCIALHUB_VAR=/var/lib/socialhub
WORKDIR /app
# Collected without a database; the embedded secrets made here never leave the layer below.
RUN SOCIALHUB_VAR=/tmp/build python manage.py collectstatic --noinput \
    && install -d -o socialhub -g socialhub /var/lib/socialhub \
    && mv /tmp/build/static /var/lib/socialhub/static \
    && rm -rf /tmp/build
USER socialhub
VOLUME /var/lib/socialhub
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "socialhub.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8"]
