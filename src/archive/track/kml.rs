//! A track as KML 2.2 with Google's extension: a `gx:Track` for each piece without a gap.

use super::line::{TrackPoint, pieces};
use super::{Track, escaped};
use crate::archive::Date;

/// The track as a KML document. Every coordinate needs an altitude: the one above the ellipsoid,
/// else the one by pressure, else 0.
pub(super) fn write(track: &Track) -> String {
    let points = track.points();
    let name = escaped(&track.name());
    let simulated = if track.simulated { ", simulated" } else { "" };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <kml xmlns=\"http://www.opengis.net/kml/2.2\" \
         xmlns:gx=\"http://www.google.com/kml/ext/2.2\">\n<Placemark>\n<name>{name}</name>\n\
         <description>{}{simulated}</description>\n<gx:MultiTrack>\n",
        track.icao24
    );
    for piece in pieces(&points) {
        text += "<gx:Track>\n<altitudeMode>absolute</altitudeMode>\n";
        for point in piece {
            text += &format!("<when>{}</when>\n", Date(point.time));
        }
        for point in piece {
            let (east, north) = (point.position.longitude, point.position.latitude);
            text += &format!("<gx:coord>{east} {north} {}</gx:coord>\n", altitude(point));
        }
        text += "</gx:Track>\n";
    }
    text += "</gx:MultiTrack>\n</Placemark>\n</kml>\n";
    text
}

fn altitude(point: &TrackPoint) -> f64 {
    point.altitude.or(point.state.baro_altitude).unwrap_or(0.0)
}
