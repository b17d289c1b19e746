//! As much of DER as certificates need.

/// Returns an element of that tag.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut element = vec![tag];
    if let Ok(short) = u8::try_from(length)
        && short < 0x80
    {
        element.push(short);
    } else {
        let bytes = length.to_be_bytes();
        let significant: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
        element.push(0x80 | u8::try_from(significant.len()).unwrap_or_default());
        element.extend(significant);
    }
    element.extend_from_slice(content);
    element
}

/// Returns a SEQUENCE of the parts.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// Returns an OBJECT IDENTIFIER of its encoded content.
pub(super) fn identifier(content: &[u8]) -> Vec<u8> {
    element(0x06, content)
}

/// Returns an INTEGER that is not negative, of big-endian bytes.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    // A first bit of one would make it negative.
    if content.first().is_none_or(|first| *first >= 0x80) {
        content.insert(0, 0);
    }
    element(0x02, &content)
}

/// Returns a BIT STRING of whole bytes.
pub(super) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], bytes].concat())
}

/// Reads elements one after another.
pub(super) struct Reader<'a>(pub &'a [u8]);

/// Is an element that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    /// The element with its tag and its length.
    pub whole: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Returns the next element; `None` at the end and if it is damaged.
    pub fn next(&mut self) -> Option<Element<'a>> {
        let input = self.0;
        let (tag, rest) = input.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if *first >= 0x80 {
            let (bytes, tail) = rest.split_at_checked(usize::from(*first & 0x7f))?;
            if bytes.len() > 4 {
                return None;
            }
            length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            rest = tail;
        }
        let (content, tail) = rest.split_at_checked(length)?;
        let whole = input.get(..input.len() - tail.len())?;
        self.0 = tail;
        Some(Element { tag: *tag, content, whole })
    }

    /// Returns the content of the next element if it has that tag.
    pub fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|element| element.tag == tag).map(|element| element.content)
    }
}
