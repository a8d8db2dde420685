//! The header `Range`.

/// The part of a file that the header `Range` requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// Everything: the header is not supported, or requests several parts.
    Whole,
    /// One part, from the first byte to the last.
    Part {
        /// The first byte, from 0.
        first: u64,
        /// The last byte, included.
        last: u64,
    },
    /// A part that the file does not have.
    Unsatisfiable,
}

/// Parses a `Range` header for a file of this size (RFC 9110, section 14).
///
/// An invalid header must be ignored; a request for several parts may be answered with the whole.
pub fn byte_range(header: &str, size: u64) -> ByteRange {
    let spec = header.trim().strip_prefix("bytes=").map(str::trim);
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else {
        return ByteRange::Whole;
    };
    let end = size.saturating_sub(1);
    let part = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(end)),
        (Ok(first), Err(_)) if last.is_empty() => (first, end),
        (Err(_), Ok(suffix)) if first.is_empty() && suffix > 0 => {
            (size.saturating_sub(suffix), end)
        }
        (Err(_), Ok(0)) if first.is_empty() => return ByteRange::Unsatisfiable,
        _ => return ByteRange::Whole,
    };
    match part {
        (first, _) if first >= size => ByteRange::Unsatisfiable,
        (first, last) => ByteRange::Part { first, last },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_a_part_the_whole_or_out_of_reach() {
        let part = |first, last| ByteRange::Part { first, last };
        for (header, expected) in [
            ("bytes=0-9", part(0, 9)),
            ("bytes=90-", part(90, 99)),
            ("bytes=90-1000", part(90, 99)),
            ("bytes=-10", part(90, 99)),
            ("bytes=-1000", part(0, 99)),
            ("bytes=99-99", part(99, 99)),
            ("bytes=100-", ByteRange::Unsatisfiable),
            ("bytes=-0", ByteRange::Unsatisfiable),
            ("bytes=9-0", ByteRange::Whole),
            ("bytes=0-1,5-6", ByteRange::Whole),
            ("bytes=a-b", ByteRange::Whole),
            ("lines=0-9", ByteRange::Whole),
            ("bytes=-", ByteRange::Whole),
        ] {
            assert_eq!(byte_range(header, 100), expected, "{header}");
        }
        assert_eq!(byte_range("bytes=0-", 0), ByteRange::Unsatisfiable);
    }
}
