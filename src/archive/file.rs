//! The files of a day that can be downloaded: their names, keys and media types.

use super::{Date, Day, Format};

/// A file of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayFile {
    /// A minute: `123400.msgpack`.
    Minute(Date),
    /// An hour, packed: `12-0123456789abcdef.pack`. The digits are the fingerprint of its content.
    Pack {
        /// The day.
        day: Day,
        /// The name.
        name: String,
    },
    /// An hour as Parquet: `12.parquet`.
    Parquet(Day, u8),
    /// An hour as CSV, compressed: `12.csv.gz`. It is made when it is first asked for.
    Csv(Day, u8),
}

impl DayFile {
    /// The file of this day with this name; `None` if no file can have it.
    pub fn named(day: Day, name: &str) -> Option<Self> {
        if let Some(date) = Date::of_file(day, name) {
            return Some(Self::Minute(date));
        }
        let (hour, rest) = name.split_at_checked(2)?;
        let is_number = hour.bytes().all(|byte| byte.is_ascii_digit());
        let hour: u8 = hour.parse().ok().filter(|hour| is_number && *hour < 24)?;
        let is_fingerprint = |text: &str| {
            let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            text.len() == 16 && text.bytes().all(is_digit)
        };
        match rest {
            ".parquet" => Some(Self::Parquet(day, hour)),
            ".csv.gz" => Some(Self::Csv(day, hour)),
            _ => {
                let fingerprint = rest.strip_prefix('-')?.strip_suffix(".pack")?;
                is_fingerprint(fingerprint).then(|| Self::Pack { day, name: name.to_owned() })
            }
        }
    }

    /// Its R2 key; `None` for an export, whose key depends on its minutes.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Minute(date) => Some(date.key()),
            Self::Pack { day, name } => Some(format!("hours/{day}/{name}")),
            Self::Parquet(day, hour) => {
                Some(format!("parquet/day={day}/hour={hour:02}/states.parquet"))
            }
            Self::Csv(..) => None,
        }
    }

    /// The name under which it is downloaded, with its day.
    pub fn download_name(&self) -> String {
        match self {
            Self::Minute(date) => format!("{}-{}", date.day(), date.file_name()),
            Self::Pack { day, name } => format!("{day}-{name}"),
            Self::Parquet(day, hour) => format!("{day}-{hour:02}.parquet"),
            Self::Csv(day, hour) => format!("{day}-{hour:02}.csv.gz"),
        }
    }

    /// Its media type.
    pub fn media_type(&self) -> &'static str {
        match self {
            Self::Minute(_) => Format::Msgpack.media_type(),
            Self::Pack { .. } => "application/vnd.overflight.pack",
            Self::Parquet(..) => "application/vnd.apache.parquet",
            // Not `Content-Encoding`, with which a browser would store the text.
            Self::Csv(..) => "application/gzip",
        }
    }

    /// The R2 key of an hour as CSV; the fingerprint is that of its minutes.
    pub fn export_key(day: Day, hour: u8, fingerprint: u64) -> String {
        format!("exports/{day}/{hour:02}-{fingerprint:016x}.csv.gz")
    }

    /// Whether its bytes never change.
    pub fn is_immutable(&self) -> bool {
        !matches!(self, Self::Parquet(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_of_other_minutes_has_another_key() {
        let day = "2025-07-06".parse().expect("a day");
        let key = "exports/2025-07-06/05-00000000000000ff.csv.gz";
        assert_eq!(DayFile::export_key(day, 5, 255), key);
    }

    #[test]
    fn a_name_is_that_of_a_file_and_has_a_key() {
        let day = "2025-07-06".parse().expect("a day");
        for (name, key) in [
            ("221936.msgpack", Some("minutes/2025-07-06/221936.msgpack")),
            ("22-0123456789abcdef.pack", Some("hours/2025-07-06/22-0123456789abcdef.pack")),
            ("05.parquet", Some("parquet/day=2025-07-06/hour=05/states.parquet")),
            ("23.csv.gz", None),
        ] {
            let file = DayFile::named(day, name).expect(name);
            assert_eq!(file.key().as_deref(), key);
            assert_eq!(file.download_name(), format!("2025-07-06-{name}"));
        }
        for name in [
            "",
            "2",
            "24.parquet",
            "+5.parquet",
            "5.parquet",
            "05.parquet/",
            "05.csv",
            "é.csv.gz",
            "22-0123456789abcde.pack",
            "22-0123456789ABCDEF.pack",
            "22-../../../../x.pack",
            "22-0123456789abcdef.pack\0",
            "221936.pack",
        ] {
            assert_eq!(DayFile::named(day, name), None, "{name}");
        }
    }
}
