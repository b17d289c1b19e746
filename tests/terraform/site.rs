//! The configuration that most tests begin with: a stack, a bucket, files.

use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::sha256;

/// Returns a configuration: everything that examples/complete has, small.
pub fn configuration(namespace: &Namespace, file: &FetchableFile, content: &[u8]) -> String {
    format!(
        r#"
resource "s3www_stack" "site" {{
  name      = "site"
  namespace = "{namespace}"
  timeout   = "3m"

  file = {{
    url    = "{url}"
    sha256 = "{sha256}"
    key    = "fetched.bin"
  }}

  values = {{
    replicaCount = 2
    minio        = {{ persistence = {{ size = "64Mi" }} }}
  }}
}}

resource "minio_bucket" "site" {{
  provider       = s3www
  stack          = s3www_stack.site.id
  bucket         = s3www_stack.site.bucket
  adopt_existing = true
  force_destroy  = true
  tags           = {{ purpose = "test" }}
}}

resource "minio_object" "index" {{
  provider = s3www
  stack    = s3www_stack.site.id
  bucket   = minio_bucket.site.bucket
  key      = "index.html"
  source   = "index.html"
}}

resource "minio_object" "note" {{
  provider      = s3www
  stack         = s3www_stack.site.id
  bucket        = minio_bucket.site.bucket
  key           = "notes/a b+ü.txt"
  content       = "a note\n"
  cache_control = "max-age=60"
  metadata      = {{ author = "test" }}
}}
"#,
        namespace = namespace.name,
        url = file.url,
        sha256 = sha256(content),
    )
}
