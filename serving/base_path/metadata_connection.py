"""ML Metadata's own configuration of a connection, for stores behind a server."""

from __future__ import annotations

from typing import Any

from documents.store_address import StoreAddress

ANSWER_SECONDS = 60.0
"""For one answer of a gRPC server."""
_LARGEST_ANSWER = 256 * 2**20


def connection_config(address: StoreAddress, *, make_database: bool = True) -> Any:
    """A ConnectionConfig, or a MetadataStoreClientConfig for grpc://.

    Args:
      address: with its password.
      make_database: whether a database that is not there is made.
    """
    from ml_metadata.proto import metadata_store_pb2

    if address.scheme == "grpc":
        server = metadata_store_pb2.MetadataStoreClientConfig(
            host=address.host, port=address.port, client_timeout_sec=ANSWER_SECONDS
        )
        server.channel_arguments.max_receive_message_length = _LARGEST_ANSWER
        return server
    config = metadata_store_pb2.ConnectionConfig()
    if address.scheme == "mysql":
        config.mysql.host, config.mysql.port = address.host, address.port
        config.mysql.user, config.mysql.password = address.user, address.password
        config.mysql.database, config.mysql.skip_db_creation = address.database, not make_database
    else:
        config.postgresql.host, config.postgresql.port = address.host, str(address.port)
        config.postgresql.user, config.postgresql.password = address.user, address.password
        config.postgresql.dbname = address.database
        config.postgresql.skip_db_creation = not make_database
    return config
