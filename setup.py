"""The package that Beam workers and container images install; tool settings are in pyproject.toml.

Beam builds it as a source distribution too (pipeline/beam.py), so this file reads no other.
"""

from setuptools import find_packages, setup

setup(
    name="tfx-hub-serving",
    version="0.3.0",
    description="From a prototype to a served model: TFX, TensorFlow Hub and TF Serving",
    license="Apache-2.0",
    python_requires=">=3.10,<3.14",
    packages=[
        *find_packages(include=[f"{name}*" for name in ("components", "models", "pipeline")]),
        *find_packages(include=["documents*", "inspection*", "serving*"]),
        # Beside the packages, as in the repository, so that relative paths in settings hold.
        "configs",
    ],
    package_data={
        "": ["**/*.html", "**/*.j2", "**/*.css", "**/*.js"],
        "configs": ["*.yaml", "*.pbtxt", "fashion_mnist_sample/*"],
        "models": ["modules/**/*", "building/*.npz"],
        "pipeline": ["kubeflow/training_job/role.yaml"],
        "serving": ["demo/pictures/*"],
    },
    py_modules=["local_runner", "kubeflow_runner"],
    # Without TFX and its family: pip alone cannot install them (locks/*.overrides tell why), and
    # where they are installed it would "mend" the versions that make them work.
    install_requires=[
        "apache-beam>=2.65",
        "filelock",
        "grpcio",
        "httptools",
        "jinja2",
        "numpy",
        "orjson",
        "pillow",
        "psutil",
        "pydantic>=2",
        "pyyaml",
        "requests",
        "rich",
        "tensorflow-hub>=0.16.1",
        "tf-keras",
        "typing-extensions",
        "werkzeug",
    ],
    extras_require={
        "compat": ["tfx==1.16.0", "apache-beam[gcp]==2.65.0", "kfp==2.5.0"],
        # Base paths in object stores.
        "gs": ["google-cloud-storage>=2.19"],
        "s3": ["boto3>=1.36"],
        "current": ["tfx==1.21.0", "apache-beam==2.77.0", "kfp==2.16.1"],
    },
    entry_points={
        "console_scripts": [
            "run-pipeline = local_runner:main",
            "model-server = serving.server.__main__:main",
        ]
    },
)
