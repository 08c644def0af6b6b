# A user's folder of code on top of the pipeline's image: what `code: trips/mine.py` needs there.
#   docker build --file docker/code.Dockerfile --build-arg IMAGE=... --build-arg CODE=trips --tag ... trips
# The context is the folder itself, and CODE its name; layers below stay as they are.
ARG IMAGE
FROM ${IMAGE}
ARG CODE
COPY --chown=root:root . /opt/project/${CODE}
