# topo in a container: docker build -t topo . && docker run --rm -v "$PWD:/work" topo check designs/
# Files are written as root; `docker run --user "$(id -u):$(id -g)"` writes them as you.
FROM python:3.12-slim
COPY . /opt/topo
RUN python -m pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore --constraint /opt/topo/constraints.txt /opt/topo
WORKDIR /work
ENTRYPOINT ["topo"]
