# topo in a container: docker build -t topo . && docker run --rm -v "$PWD:/work" topo check designs/
FROM python:3.12-slim
COPY . /opt/topo
RUN python -m pip install --no-cache-dir --constraint /opt/topo/constraints.txt /opt/topo
WORKDIR /work
ENTRYPOINT ["topo"]
