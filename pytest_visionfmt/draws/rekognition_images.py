"""Drawing what Rekognition's files name: the image of a record in S3, and the version of an adapter."""

from __future__ import annotations

from pytest_visionfmt.schema_nodes import Node, compile_pattern
from pytest_visionfmt.schema_strategies import Compiler
from pytest_visionfmt.value_decoders import Decoder, Drawing, choice, in_blocks

__all__ = ["adapter_version", "source_ref"]

# Half of all images are in the first. Today's S3 takes 3 to 63 characters, the API's model older names too.
_BUCKETS = (
    *["foo"] * 8,
    "my-bucket",
    "my.bucket.example",
    "123",
    "b" * 63,
    "My_Old_Bucket",
    "b-" * 60 + "255",
    "a.b",
    "x--y",
)
_NAMES = (
    "{}", "bar/{}", "a/b/c/{}", "my images/{}", "image ({})", "a+b/{}", "my%20images/{}", "a,b/{}", "größe/{}",
    "图像/{}", "e\u0301/{}", "😀/{}", "a//b/{}", "/{}", "x.y/{}.z", "#{}", "a?b/{}", 'a"b/{}', "a\\b/{}", "bar/./{}",
)  # fmt: skip
_EXTENSIONS = ("jpg", "png", "jpg", "JPG")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ADAPTERS = (
    "arn:aws:rekognition:us-east-1:111122223333:project/my-project/version/my-adapter/1700000000000",
    "arn:aws:rekognition:eu-west-1:000000000000:project/p/version/v/1",
    "arn:aws:rekognition:us-west-2:111122223333:project/my_project/version/my-model.2020-01-21T09.10.15/1579626615000",
    "arn:aws-cn:rekognition:cn-north-1:111122223333:project/my-project/version/my-adapter/1700000000000",
    "arn:aws-us-gov:rekognition:us-gov-west-1:111122223333:project/my-project/version/my-adapter/1700000000000",
    f"arn:aws:rekognition:us-east-1:999999999999:project/{'p' * 255}/version/{'v' * 255}/1700000000000",
)


def source_ref(compiler: Compiler, node: Node, site: str) -> Decoder:
    """An image in a bucket; a letter and three bytes name it, so that images do not repeat."""
    matches = compile_pattern(node.pattern).search if node.pattern else bool
    buckets = [bucket for bucket in _BUCKETS if matches(f"s3://{bucket}/a.jpg")]
    names = [name for name in _NAMES if buckets and matches(f"s3://{buckets[0]}/{name.format('a')}.jpg")]
    if not names:
        return compiler.plain(node, site)
    parts = [tuple(name.split("{}")) for name in names]
    name_of = (*[parts[0]] * 128, *in_blocks(parts, 128))
    bucket_of, extension_of, letter_of = in_blocks(buckets), in_blocks(_EXTENSIONS), in_blocks(_LETTERS)

    def read(b: bytes, at: int, drawing: Drawing) -> str:
        before, after = name_of[b[at + 1]]
        number = b[at + 4] << 16 | b[at + 5] << 8 | b[at + 6]
        stem = f"{letter_of[b[at + 3]]}{number}" if number else letter_of[b[at + 3]]
        return f"s3://{bucket_of[b[at]]}/{before}{stem}{after}.{extension_of[b[at + 2]]}"

    return Decoder(7, read)


def adapter_version(compiler: Compiler, node: Node, site: str) -> Decoder:
    """The ARN of an adapter's version, in each of AWS's partitions."""
    matches = compile_pattern(node.pattern).search if node.pattern else bool
    most = node.max_length
    fitting = [arn for arn in _ADAPTERS if matches(arn) and (most is None or len(arn) <= most)]
    return choice(fitting) if fitting else compiler.plain(node, site)
