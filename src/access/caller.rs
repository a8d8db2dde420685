//! What counts as one caller: the address or the network that sends a request.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One caller: an IPv4 address, or the /64 network of an IPv6 address. A subscriber has all the
/// addresses of a /64 (RFC 6177).
///
/// Its text is the address, or the first address of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Caller {
    /// One address. A carrier may have hundreds of subscribers behind it.
    V4(Ipv4Addr),
    /// The upper 64 bits of an address.
    V6(u64),
}

/// The upper 48 bits of an IPv6 address: what a site commonly gets, 65,536 callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site(u64);

/// Shifts the upper 64 bits of an address down to its /48 prefix.
const SITE_SHIFT: u32 = 64 - 48;

impl Caller {
    /// The caller with this address. An IPv4 address that is mapped into IPv6 stays one.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6((address.to_bits() >> 64) as u64),
        }
    }

    /// The wider network that the caller is part of; `None` for IPv4.
    pub fn site(self) -> Option<Site> {
        match self {
            Self::V4(_) => None,
            Self::V6(network) => Some(Site(network >> SITE_SHIFT)),
        }
    }
}

impl FromStr for Caller {
    /// The text that is not an IP address.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self::of).or(Err(text.to_owned()))
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => address.fmt(f),
            Self::V6(network) => Ipv6Addr::from_bits(u128::from(*network) << 64).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(text: &str) -> Caller {
        text.parse().expect(text)
    }

    #[test]
    fn an_ipv4_address_or_an_ipv6_network_is_one_caller() {
        assert_eq!(caller("2001:db8:1:2:3:4:5:6").to_string(), "2001:db8:1:2::");
        assert_eq!(caller("2001:db8:1:2::9"), caller("2001:db8:1:2:3:4:5:6"));
        assert_ne!(caller("2001:db8:1:3::9"), caller("2001:db8:1:2::9"));
        assert_eq!(caller("192.0.2.1").to_string(), "192.0.2.1");
        assert_ne!(caller("192.0.2.1"), caller("192.0.2.2"));
        assert_eq!(caller("::ffff:192.0.2.1"), caller("192.0.2.1"));
        for text in ["", "192.0.2", "192.0.2.1, 192.0.2.2", "localhost"] {
            assert_eq!(text.parse::<Caller>(), Err(text.to_owned()));
        }
    }

    #[test]
    fn a_caller_survives_its_text_form() {
        for text in ["192.0.2.1", "2001:db8:ffff:2:3::", "::1"] {
            assert_eq!(caller(&caller(text).to_string()), caller(text));
        }
    }

    #[test]
    fn a_site_is_48_bits_of_ipv6() {
        let site = |text| caller(text).site();
        assert_eq!(site("2001:db8:1:2::"), site("2001:db8:1:ffff::"));
        assert_ne!(site("2001:db8:1::"), site("2001:db8:2::"));
        assert_eq!(site("192.0.2.1"), None);
    }
}
