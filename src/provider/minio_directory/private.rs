//! What is remembered beside the state: for each key, how its file and its object looked when they
//! were last known to be what the state says. With it, a plan reads only files that changed, and
//! a refresh asks only about objects that changed.

use std::collections::BTreeMap;
use std::io::Read;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;

/// Is the private data of a directory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Private {
    /// By key.
    #[serde(default, serialize_with = "pack", deserialize_with = "unpack")]
    pub(super) entries: BTreeMap<String, Entry>,
}

/// Is what is remembered of one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// The file, as it was planned.
    pub(super) file: Option<FileEntry>,
    /// The object, if this resource has put it there: its
    /// [mark](crate::s3::listing::Listed::mark) when it was last looked at. Zero stands for one
    /// that has to be looked at.
    pub(super) object: Option<u64>,
}

/// Is what is remembered of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FileEntry {
    /// The size in bytes.
    pub(super) size: u64,
    /// The CRC64NVME of the content in base64.
    pub(super) crc64nvme: String,
    /// The [mark](crate::s3::folder::Stamp::mark) of the file that has it, if that can be relied
    /// on.
    pub(super) mark: Option<u64>,
}

impl Private {
    /// Says which objects this resource has put there, with their marks, by key.
    pub(super) fn marks(&self) -> impl Iterator<Item = (&str, u64)> {
        self.entries.iter().filter_map(|(key, entry)| Some((key.as_str(), entry.object?)))
    }

    /// Returns the same as a map.
    pub(super) fn own(&self) -> BTreeMap<String, u64> {
        self.marks().map(|(key, mark)| (key.to_owned(), mark)).collect()
    }

    /// Returns what is remembered of the files, with other objects.
    pub(super) fn with_own(mut self, own: BTreeMap<String, u64>) -> Self {
        for entry in self.entries.values_mut() {
            entry.object = None;
        }
        for (key, mark) in own {
            self.entries.entry(key).or_default().object = Some(mark);
        }
        self.entries.retain(|_, entry| entry.file.is_some() || entry.object.is_some());
        self
    }
}

/// Is an entry as it is written: key, size, checksum and mark of the file, mark of the object.
type Row = (String, Option<(u64, String, Option<u64>)>, Option<u64>);

/// Writes the entries compressed: ten thousand keys are a half of a megabyte, and would be more
/// than one.
fn pack<S: Serializer>(
    entries: &BTreeMap<String, Entry>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    use serde::ser::Error;
    let rows: Vec<Row> = entries
        .iter()
        .map(|(key, entry)| {
            let file = entry.file.clone();
            let file = file.map(|file| (file.size, file.crc64nvme, file.mark));
            (key.clone(), file, entry.object)
        })
        .collect();
    let json = serde_json::to_vec(&rows).map_err(S::Error::custom)?;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let compressed = encoder.write_all(&json).and_then(|()| encoder.finish());
    serializer.serialize_str(&STANDARD.encode(compressed.map_err(S::Error::custom)?))
}

fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Entry>, D::Error> {
    use serde::de::Error;
    let text = String::deserialize(deserializer)?;
    let compressed = STANDARD.decode(text).map_err(D::Error::custom)?;
    let mut json = Vec::new();
    let mut decoder = ZlibDecoder::new(compressed.as_slice());
    decoder.read_to_end(&mut json).map_err(D::Error::custom)?;
    let rows: Vec<Row> = serde_json::from_slice(&json).map_err(D::Error::custom)?;
    let entry = |(key, file, object): Row| {
        let file = file.map(|(size, crc64nvme, mark)| FileEntry { size, crc64nvme, mark });
        (key, Entry { file, object })
    };
    Ok(rows.into_iter().map(entry).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::s3::checksum::Fingerprint;

    fn entry(number: u64) -> (String, Entry) {
        // Checksums and marks have no pattern, which is what makes them cost what they do.
        let crc64nvme = Fingerprint::of_bytes(&number.to_le_bytes()).crc64nvme;
        let mark = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let file = FileEntry { size: number, crc64nvme, mark: Some(mark) };
        let object = Some(mark.rotate_left(17) ^ 0x5555);
        (format!("assets/images/{number:05}.png"), Entry { file: Some(file), object })
    }

    #[test]
    fn it_comes_back_as_it_was_and_ten_thousand_keys_stay_small() {
        let mut private = Private { entries: (0..10_000).map(entry).collect() };
        private.entries.insert("gone".to_owned(), Entry { file: None, object: Some(0) });
        private.entries.insert(
            "new".to_owned(),
            Entry {
                file: Some(FileEntry { size: 0, crc64nvme: String::new(), mark: None }),
                object: None,
            },
        );
        let json = serde_json::to_string(&private).unwrap();
        assert_eq!(serde_json::from_str::<Private>(&json).unwrap(), private);
        assert!(json.len() < 600_000, "{} bytes", json.len());
        assert_eq!(serde_json::from_str::<Private>("{}").unwrap(), Private::default());
    }

    #[test]
    fn other_objects_leave_the_files_alone() {
        let private = Private { entries: (0..2).map(entry).collect() };
        let keys: Vec<_> = private.entries.keys().cloned().collect();
        let own = BTreeMap::from([(keys.first().unwrap().clone(), 1), ("x".to_owned(), 2)]);
        let changed = private.clone().with_own(own.clone());
        assert_eq!(changed.own(), own);
        assert_eq!(changed.entries.len(), 3);
        assert_eq!(changed.with_own(private.own()), private);
    }
}
