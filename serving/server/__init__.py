"""Embedded model server: a drop-in for `tensorflow_model_server` where that does not run.

`python -m serving.server --rest_api_port=8501 --model_name=M --model_base_path=P`
"""
