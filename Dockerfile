# syntax=docker/dockerfile:1
# One image for web, workers and beat; compose.yaml says which is which.

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt requirements-chromium.txt ./
RUN /opt/venv/bin/pip install --require-hashes -r requirements.txt -r requirements-chromium.txt

FROM python:3.11-slim-bookworm
# Chromium draws pictures and prints reports; the fonts are for reports, pictures bring their own.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      chromium fonts-liberation fonts-noto-core fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /home/socialhub socialhub \
 && install --directory --owner socialhub --group socialhub /var/lib/socialhub
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    SOCIALHUB_VAR=/var/lib/socialhub \
    STATIC_ROOT=/app/staticfiles \
    CHROMIUM_PATH=/usr/bin/chromium
# Static names carry a hash of their content. These settings exist for this step only.
RUN DATABASE_URL=postgres://build@127.0.0.1/build REDIS_URL=redis://127.0.0.1/0 \
    SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(48))') \
    FIELD_ENCRYPTION_KEYS=$(python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
    python manage.py collectstatic --noinput --verbosity 0 \
 && python -m compileall -q /app/socialhub /app/analytics /app/crm /app/experiments /app/threads
USER socialhub
VOLUME /var/lib/socialhub
EXPOSE 8000
CMD ["gunicorn", "socialhub.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", \
     "--worker-class", "gthread", "--threads", "8", "--no-control-socket", \
     "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
