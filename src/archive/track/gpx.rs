//! A track as GPX 1.1: a `trkseg` for each piece without a gap.

use std::fmt::Write;

use super::line::pieces;
use super::{Track, escaped};
use crate::archive::Date;

/// The track as a GPX document. `ele` is the altitude above the ellipsoid, where it is known.
pub(super) fn write(track: &Track) -> String {
    let points = track.points();
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"Overflight\" \
         xmlns=\"http://www.topografix.com/GPX/1/1\">\n",
    );
    if track.simulated {
        text += "<metadata><desc>Simulated traffic.</desc></metadata>\n";
    }
    let (name, icao24) = (escaped(&track.name()), track.icao24);
    text += &format!("<trk>\n<name>{name}</name>\n<desc>{icao24}</desc>\n");
    for piece in pieces(&points) {
        text += "<trkseg>\n";
        for point in piece {
            // A longitude of 180 is not valid here, and the same as -180.
            let longitude = Some(point.position.longitude).filter(|east| *east < 180.0);
            let (longitude, latitude) = (longitude.unwrap_or(-180.0), point.position.latitude);
            let ele = point.altitude.map_or(String::new(), |metres| format!("<ele>{metres}</ele>"));
            let time = Date(point.time);
            let at = format!("lat=\"{latitude}\" lon=\"{longitude}\"");
            writeln!(text, "<trkpt {at}>{ele}<time>{time}</time></trkpt>").expect("a string grows");
        }
        text += "</trkseg>\n";
    }
    text += "</trk>\n</gpx>\n";
    text
}
