//! An hour as compressed CSV, made when it is first asked for.
//!
//! It is stored in R2, so that a download can be resumed, under the fingerprint of its minutes. A
//! lifecycle rule of the bucket deletes it after some days; then it is made again.

use std::io::Write;
use std::mem;

use flate2::Compression;
use flate2::write::GzEncoder;
use worker::{Context, Env, MultipartUpload, Result, UploadedPart};

use super::download::{Stored, find};
use super::ingest;
use super::made::{self, HEAVY};
use crate::archive::{Day, DayFile, Format, Listing};
use crate::ask::MinuteRow;
use crate::fingerprint::fingerprint;
use crate::platform::archive::{bucket, metadata, read_minute};
use crate::problem::Problem;
use crate::route::When;

const HOUR_SECONDS: i64 = 3_600;

/// The most minutes of an hour that are looked at: a snapshot a second.
const MINUTES_MAX: usize = 3_600;

/// The most aircraft in all minutes of an export, which take some 10 s of CPU time; the platform
/// allows 30. An hour of 11,500 aircraft has 690,000.
const AIRCRAFT_MAX: u64 = 1_000_000;

/// The size of an upload's parts: R2 wants equal ones of 5 MiB at least, but for the last.
const PART_BYTES: usize = 8 << 20;

/// The hour's file; it is made if R2 does not have it.
pub(super) async fn hour(
    env: &Env,
    context: &Context,
    day: Day,
    hour: u8,
) -> Result<Stored, Problem> {
    let file = DayFile::Csv(day, hour);
    let start = day.start() + i64::from(hour) * HOUR_SECONDS;
    let last = start + HOUR_SECONDS - 1;
    let rows = ingest::minutes(env, (start, last), 1, MINUTES_MAX).await?;
    let newest = ingest::minute(env, When::Latest).await?;
    if newest.is_ok_and(|newest| newest.time <= last) {
        let detail = format!("hour {hour:02} of {day} is not over; its minutes can be read");
        return Err(Problem::not_found(detail));
    }
    let aircraft: u64 = rows.iter().map(|row| u64::from(row.aircraft)).sum();
    if aircraft > AIRCRAFT_MAX {
        let detail = format!(
            "hour {hour:02} of {day} has {aircraft} rows, and CSV at most {AIRCRAFT_MAX}; its \
             minutes can be read"
        );
        return Err(Problem::not_found(detail));
    }
    let etags: Vec<_> = rows.iter().map(|row| &*row.etag).collect();
    let key = DayFile::export_key(day, hour, fingerprint(etags.join(",").as_bytes()));
    // An error of R2 is that of the making, too.
    let stored = async || find(env, file.clone(), key.clone()).await.ok().flatten();
    let make = || {
        let (env, key, file) = (env.clone(), key.clone(), file.clone());
        async move {
            make(&env, &key, &rows).await?;
            let missing = || worker::Error::from(format!("R2 did not keep {key}"));
            Ok(find(&env, file, key.clone()).await?.ok_or_else(missing)?)
        }
    };
    made::once(context, (&key, HEAVY), stored, make).await
}

/// Writes the rows of the minutes, oldest first, one minute in memory at a time.
async fn make(env: &Env, key: &str, rows: &[MinuteRow]) -> Result<()> {
    let simulated = rows.first().is_some_and(MinuteRow::is_simulated);
    let bucket = bucket(env)?;
    let upload = bucket.create_multipart_upload(key).custom_metadata(metadata(simulated));
    let upload = upload.execute().await?;
    match send(env, &upload, rows).await {
        Ok(parts) => upload.complete(parts).await.map(drop),
        Err(error) => {
            upload.abort().await?;
            Err(error)
        }
    }
}

async fn send(
    env: &Env,
    upload: &MultipartUpload,
    rows: &[MinuteRow],
) -> Result<Vec<UploadedPart>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut parts = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let snapshot = read_minute(env, &row.location()).await?.snapshot;
        let listing = Listing::of(snapshot, Format::Csv, |_| true);
        // One line with names begins the file.
        let listing = if place == 0 { listing } else { listing.continued() };
        for chunk in listing {
            encoder.write_all(&chunk)?;
            if encoder.get_ref().len() >= PART_BYTES {
                let rest = encoder.get_mut().split_off(PART_BYTES);
                let part = mem::replace(encoder.get_mut(), rest);
                put(upload, &mut parts, part).await?;
            }
        }
    }
    let last = encoder.finish()?;
    put(upload, &mut parts, last).await?;
    Ok(parts)
}

async fn put(upload: &MultipartUpload, parts: &mut Vec<UploadedPart>, part: Vec<u8>) -> Result<()> {
    // 1,000,000 rows have fewer than 10 parts.
    let number = u16::try_from(parts.len() + 1).expect("there are few parts");
    parts.push(upload.upload_part(number, part).await?);
    Ok(())
}
