//! `GET /api/archive/:day/:file`: the archive's files.

use worker::{Context, Env, Request, Response};

use super::download::{Stored, find, serve};
use super::{export, ingest};
use crate::archive::DayFile;
use crate::problem::Problem;
use crate::route::When;

/// A minute, whose record is the ledger's; another file that R2 has; or an hour as CSV.
pub(super) async fn file(
    request: &Request,
    env: &Env,
    context: &Context,
    file: DayFile,
) -> Result<Response, Problem> {
    let stored = match &file {
        DayFile::Minute(date) => match ingest::minute(env, When::At(*date)).await? {
            Ok(row) => {
                let simulated = row.is_simulated();
                Stored { key: date.key(), file, etag: row.etag, size: row.bytes, simulated }
            }
            Err(no_such_minute) => return Ok(no_such_minute),
        },
        DayFile::Csv(day, hour) => export::hour(env, context, *day, *hour).await?,
        DayFile::Pack { .. } | DayFile::Parquet(..) => {
            let key = file.key().expect("only an export has none");
            let name = file.download_name();
            let missing =
                || Problem::not_found(format!("{name} is not stored; /api/archive lists the days"));
            find(env, file, key).await?.ok_or_else(missing)?
        }
    };
    serve(request, env, stored).await
}
