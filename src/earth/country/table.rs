//! The committed table of countries: codes, names, and the map features that each consists of.
//!
//! In scope: reading `countries.tsv`, which documents its sources and choices.
//! Out of scope: outlines.

use std::sync::OnceLock;

use super::CountryCode;

/// One country, or a territory with a code of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Country {
    /// ISO 3166-1 alpha-2, or a user-assigned code where ISO has none.
    pub code: CountryCode,
    /// ISO 3166-1 alpha-3 (`XKX` for Kosovo); `None` where there is none.
    pub iso_a3: Option<&'static str>,
    /// English name.
    pub name: &'static str,
}

/// One feature of the map that the boundaries are built from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feature {
    /// The feature's id, or its name where it has no id.
    pub key: &'static str,
    /// The country that it belongs to; `None` where more than one controls or claims it.
    pub country: Option<CountryCode>,
}

#[derive(Default)]
struct Table {
    countries: Vec<Country>,
    features: Vec<Feature>,
}

/// Every country, ordered by name (by code point, as `sort` and SQL do).
pub fn countries() -> &'static [Country] {
    &table().countries
}

/// The country of that code.
pub fn country(code: CountryCode) -> Option<&'static Country> {
    countries().iter().find(|country| country.code == code)
}

/// Every feature of the map, in the order of the table.
pub fn features() -> &'static [Feature] {
    &table().features
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::default();
        let text = include_str!("countries.tsv");
        for row in text.lines().filter(|line| !line.starts_with('#')) {
            let columns = row.split('\t').collect::<Vec<_>>();
            let [alpha2, alpha3, name, keys] = columns[..] else {
                unreachable!("countries.tsv is committed and has four columns: {row:?}")
            };
            let code = alpha2.parse::<CountryCode>().ok();
            if let Some(code) = code {
                let iso_a3 = (!alpha3.is_empty()).then_some(alpha3);
                table.countries.push(Country { code, iso_a3, name });
            }
            table.features.extend(keys.split(';').map(|key| Feature { key, country: code }));
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn named(alpha2: &str) -> Option<&'static str> {
        country(alpha2.parse().expect("the test's own code")).map(|country| country.name)
    }

    #[test]
    fn every_country_has_a_code_a_name_and_a_feature_of_its_own() {
        let codes: HashSet<_> = countries().iter().map(|country| country.code).collect();
        let names: HashSet<_> = countries().iter().map(|country| country.name).collect();
        let alpha3: Vec<_> = countries().iter().filter_map(|country| country.iso_a3).collect();
        let keys: HashSet<_> = features().iter().map(|feature| feature.key).collect();
        let drawn: HashSet<_> = features().iter().filter_map(|feature| feature.country).collect();
        assert_eq!(countries().len(), 241);
        assert_eq!(codes.len(), countries().len());
        assert_eq!(names.len(), countries().len());
        assert_eq!(alpha3.iter().collect::<HashSet<_>>().len(), alpha3.len());
        assert_eq!(keys.len(), features().len());
        assert_eq!(drawn, codes);
    }

    #[test]
    fn codes_names_and_keys_are_well_formed() {
        for country in countries() {
            let capitals = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
            assert!(capitals(country.code.as_str()), "{country:?}");
            assert!(country.iso_a3.is_none_or(|code| code.len() == 3 && capitals(code)));
            assert!(!country.name.is_empty() && country.name.trim() == country.name, "{country:?}");
        }
        for feature in features() {
            let id = feature.key.len() == 3 && feature.key.bytes().all(|b| b.is_ascii_digit());
            let name = feature.key.len() > 3 && !feature.key.bytes().any(|b| b.is_ascii_digit());
            assert!(id || name, "{feature:?}");
        }
    }

    #[test]
    fn countries_stand_in_the_order_of_their_names() {
        assert!(countries().is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn countries_without_an_iso_code_have_a_user_assigned_one() {
        assert_eq!(named("XK"), Some("Kosovo"));
        assert_eq!(named("XN"), Some("Northern Cyprus"));
        assert_eq!(named("XS"), Some("Somaliland"));
        assert_eq!(named("FR"), Some("France"));
        assert_eq!(named("NO"), Some("Norway"));
        assert_eq!(named("TR"), Some("Türkiye"));
        assert_eq!(named("ZZ"), None);
        let kosovo = country("XK".parse().expect("XK")).expect("Kosovo");
        assert_eq!(kosovo.iso_a3, Some("XKX"));
    }
}
