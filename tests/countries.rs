//! The built boundaries at known places.

use overflight::earth::Position;
use overflight::earth::country::{self, Boundaries};
use overflight::feed::opensky;
use overflight::simulator;

fn bytes() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/dist/boundaries.bin");
    std::fs::read(path).expect("dist/boundaries.bin is built by `make build`")
}

fn boundaries() -> Boundaries {
    Boundaries::decode(&bytes()).expect("what `make build` built")
}

#[test]
fn known_places_are_in_their_countries() {
    let boundaries = boundaries();
    let places = [
        ("Berlin", 13.405, 52.52, "DE"),
        ("Paris", 2.3522, 48.8566, "FR"),
        ("Oslo", 10.7522, 59.9139, "NO"),
        ("Pristina", 21.1655, 42.6629, "XK"),
        ("Hargeisa", 44.065, 9.56, "XS"),
        ("Mogadishu", 45.3182, 2.0469, "SO"),
        ("Ercan airport", 33.4961, 35.1547, "XN"),
        ("Larnaca airport", 33.6249, 34.8751, "CY"),
        ("Maseru", 27.48, -29.31, "LS"),
        ("Bloemfontein", 26.2041, -29.0852, "ZA"),
        ("St Peter's Square", 12.4534, 41.9022, "VA"),
        ("Rome", 12.4964, 41.9028, "IT"),
        ("San Marino", 12.4578, 43.9424, "SM"),
        ("Suva, west of 180", 178.4419, -18.1248, "FJ"),
        ("Vanua Balavu, east of 180", -178.95, -17.23, "FJ"),
        ("Taveuni, by 180", -179.95, -16.85, "FJ"),
        ("Chukotka, west of 180", 175.0, 66.5, "RU"),
        ("Chukotka, east of 180", -175.0, 66.5, "RU"),
        ("Wrangel Island on 180", 180.0, 71.2, "RU"),
        ("Wrangel Island on -180", -180.0, 71.2, "RU"),
        ("South Pole", 0.0, -90.0, "AQ"),
        ("South Pole, at another longitude", -180.0, -90.0, "AQ"),
        ("Vostok", 106.8, -78.46, "AQ"),
        ("Oecusse, an exclave", 124.37, -9.3, "TL"),
        ("Kaliningrad", 20.5, 54.71, "RU"),
        ("Baarle", 4.9, 51.5, "NL"),
        ("Ceuta", -5.33, 35.888, "ES"),
        ("Gibraltar", -5.3453, 36.135, "GI"),
        ("Washington", -77.0369, 38.9072, "US"),
        ("San Juan", -66.1, 18.4, "PR"),
        ("Hong Kong", 114.17, 22.38, "HK"),
        ("Taipei", 121.5654, 25.033, "TW"),
        ("Ramallah", 35.2, 31.9, "PS"),
        // As Natural Earth draws it; see the table's comments.
        ("Simferopol", 34.1, 44.95, "RU"),
        ("Laayoune", -13.2, 27.15, "MA"),
        ("Tifariti", -10.6, 26.15, "EH"),
        ("Kourou, French Guiana", -52.8, 5.1, "FR"),
        ("Saint-Denis, Réunion", 55.45, -20.95, "FR"),
        ("Longyearbyen", 15.63, 78.22, "NO"),
        ("Akrotiri", 32.98, 34.6, "GB"),
        ("Baikonur", 63.3, 45.9, "KZ"),
    ];
    let wrong: Vec<_> = places
        .into_iter()
        .map(|(name, longitude, latitude, expected)| {
            let point = Position::new(longitude, latitude).expect(name);
            let code = boundaries.country_at(point).map(|code| code.to_string());
            (name, code.unwrap_or_default(), expected)
        })
        .filter(|(_, code, expected)| code != expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_sea_and_the_north_pole_are_in_no_country() {
    let boundaries = boundaries();
    for (longitude, latitude) in [
        (-40.0, 35.0),
        (0.0, 0.0),
        (180.0, 0.0),
        (-180.0, 0.0),
        (0.0, 90.0),
        (180.0, 90.0),
        (-150.0, 30.0),
        (51.0, 42.0),
        (77.1, 35.42),
    ] {
        let point = Position::new(longitude, latitude).expect("on the globe");
        assert_eq!(boundaries.country_at(point), None, "{point:?}");
    }
}

#[test]
fn exactly_the_listed_countries_have_outlines() {
    let boundaries = boundaries();
    let mut drawn: Vec<_> = boundaries.rings().map(|(code, _)| code).collect();
    let mut listed: Vec<_> = country::countries().iter().map(|country| country.code).collect();
    drawn.sort_unstable();
    listed.sort_unstable();
    assert_eq!(drawn, listed);
    assert!(boundaries.source().contains("Natural Earth"), "{}", boundaries.source());
    assert_eq!(boundaries.encode(), bytes());
}

/// In two recorded snapshots 19.8 and 20.4 % of the aircraft were over no country.
#[test]
fn a_fifth_of_the_simulated_aircraft_are_over_no_country() {
    let boundaries = boundaries();
    let (mut aircraft, mut nowhere) = (0, 0);
    for hour in (0..24).step_by(6) {
        let bytes = simulator::response(1, 1_751_840_400 + hour * 3_600);
        let snapshot = opensky::parse(&bytes).expect("a snapshot");
        for point in snapshot.aircraft.iter().filter_map(|state| state.position) {
            aircraft += 1;
            nowhere += usize::from(boundaries.country_at(point).is_none());
        }
    }
    let share = nowhere as f64 / aircraft as f64;
    println!("{nowhere} of {aircraft} over no country: {share:.3}");
    assert!((0.15..0.25).contains(&share), "{share}");
}
