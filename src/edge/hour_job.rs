//! The export of an hour: minutes from R2, and its Parquet file and its pack into R2 and back.
//!
//! In scope: reading, storing in parts. Out of scope: the steps and their order (`archive`).

use std::time::Duration;

use worker::{Bucket, Env, MultipartUpload, Object, Range, Result, UploadedPart};

use crate::airspace::Snapshot;
use crate::archive::{
    Date, ExportError, HourExport, HourFile, HourFiles, Location, PackExport, Provenance, Step,
};
use crate::ask::{ExportOrder, IngestAnswer, IngestQuestion};
use crate::platform::{archive, ingest_stub, timeout};

/// The size of a part: R2 wants equal ones of at least 5 MiB, but for the last. An hour of 11,450
/// aircraft has 11 MB.
const PART_BYTES: usize = 8 << 20;

/// R2 normally takes a fraction of this.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Makes the files of an hour.
pub(super) async fn export(env: &Env, order: &ExportOrder) -> Result<HourFiles> {
    let parquet = parquet(env, order).await?;
    let (pack_key, pack) = pack(env, order).await?;
    Ok(HourFiles { parquet, pack, pack_key })
}

/// Makes the Parquet file. An upload that fails is given up; R2 deletes its parts after seven days
/// if that fails, too.
async fn parquet(env: &Env, order: &ExportOrder) -> Result<HourFile> {
    let mut upload = Upload::new(env, order)?;
    let done = steps(env, order, &mut upload).await;
    if done.is_err()
        && let Some(begun) = &upload.begun
    {
        // After its completion this is an error, which does not matter.
        let _given_up = timeout(TIMEOUT, begun.abort()).await;
    }
    Ok(HourFile { etag: upload.etag, ..done? })
}

/// Makes the pack; returns its key, too. The ingest object knows the key before R2 does.
async fn pack(env: &Env, order: &ExportOrder) -> Result<(String, HourFile)> {
    let failed = |error: ExportError| error.to_string();
    let mut export =
        PackExport::new(order.work.minutes.clone(), order.simulated).map_err(failed)?;
    while let Some(time) = export.wants() {
        export.minute(&read_minute(env, time).await?).map_err(failed)?;
    }
    let (bytes, made) = export.finish().map_err(failed)?;
    let key = made.key.clone();
    let question = IngestQuestion::StorePack { work: order.work.clone(), key: key.clone() };
    if let IngestAnswer::Problem(problem) = ingest_stub::ask(env, &question).await?.answer {
        return Err(problem.detail.into());
    }
    let bucket = archive::bucket(env)?;
    let metadata = archive::metadata(order.simulated);
    let put = bucket.put(&key, bytes).custom_metadata(metadata).execute();
    let etag = timeout(TIMEOUT, put).await?.ok_or("R2 kept no object")?.etag();
    let stored = timeout(TIMEOUT, archive::read_object(env, &key)).await?;
    let file = made.verify(&stored).map_err(failed)?;
    Ok((key, HourFile { etag, ..file }))
}

async fn read_minute(env: &Env, time: i64) -> Result<Snapshot> {
    let location = Location::Object(Date(time).key());
    Ok(timeout(TIMEOUT, archive::read_minute(env, &location)).await?.snapshot)
}

async fn steps(env: &Env, order: &ExportOrder, upload: &mut Upload<'_>) -> Result<HourFile> {
    let failed = |error: ExportError| error.to_string();
    let (simulated, source) = (order.simulated, Some(order.source.clone()));
    let provenance = Provenance { simulated, source, license: None };
    let mut export = HourExport::new(order.work.minutes.clone(), provenance);
    loop {
        match export.step().map_err(failed)? {
            Step::Read(time) => {
                export.minute(read_minute(env, time).await?).map_err(failed)?;
            }
            Step::Append(bytes) => upload.append(bytes).await?,
            Step::Complete => {
                let bytes = upload.complete().await?;
                export.stored(bytes).map_err(failed)?;
            }
            Step::Fetch(range) => {
                let (offset, length) = (range.start, range.end - range.start);
                let range = Range::OffsetWithLength { offset, length };
                let bytes = timeout(TIMEOUT, upload.fetch(range)).await?;
                export.fetched(bytes).map_err(failed)?;
            }
            Step::Done(file) => return Ok(file),
        }
    }
}

/// A file that is being stored.
struct Upload<'a> {
    bucket: Bucket,
    order: &'a ExportOrder,
    /// What waits for a whole part.
    waiting: Vec<u8>,
    /// The upload in parts; `None` as long as the file fits into one.
    begun: Option<MultipartUpload>,
    parts: Vec<UploadedPart>,
    /// The etag of the file, once it is stored.
    etag: String,
}

impl<'a> Upload<'a> {
    fn new(env: &Env, order: &'a ExportOrder) -> Result<Self> {
        let bucket = archive::bucket(env)?;
        Ok(Self {
            bucket,
            order,
            waiting: Vec::new(),
            begun: None,
            parts: Vec::new(),
            etag: String::new(),
        })
    }

    async fn append(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.waiting.extend(bytes);
        while self.waiting.len() > PART_BYTES {
            let rest = self.waiting.split_off(PART_BYTES);
            let part = std::mem::replace(&mut self.waiting, rest);
            self.part(part).await?;
        }
        Ok(())
    }

    async fn part(&mut self, bytes: Vec<u8>) -> Result<()> {
        if self.begun.is_none() {
            let metadata = archive::metadata(self.order.simulated);
            let create = self.bucket.create_multipart_upload(&self.order.work.key);
            let create = create.custom_metadata(metadata).execute();
            self.begun = Some(timeout(TIMEOUT, create).await?);
        }
        let upload = self.begun.as_ref().ok_or("no upload was begun")?;
        // Parts count from 1.
        let number = self.parts.len() as u16 + 1;
        self.parts.push(timeout(TIMEOUT, upload.upload_part(number, bytes)).await?);
        Ok(())
    }

    /// Stores the rest; returns the size of the whole.
    async fn complete(&mut self) -> Result<u64> {
        let rest = std::mem::take(&mut self.waiting);
        if self.begun.is_none() {
            let metadata = archive::metadata(self.order.simulated);
            let put = self.bucket.put(&self.order.work.key, rest).custom_metadata(metadata);
            let stored = timeout(TIMEOUT, put.execute()).await?;
            return Ok(self.completed(stored.ok_or("R2 kept no object")?));
        }
        self.part(rest).await?;
        let upload = self.begun.take().ok_or("no upload was begun")?;
        let parts = std::mem::take(&mut self.parts);
        let stored = timeout(TIMEOUT, upload.complete(parts)).await?;
        Ok(self.completed(stored))
    }

    fn completed(&mut self, stored: Object) -> u64 {
        self.etag = stored.etag();
        stored.size()
    }

    async fn fetch(&self, range: Range) -> Result<Vec<u8>> {
        let object = self.bucket.get(&self.order.work.key).range(range).execute().await?;
        let body = object.as_ref().and_then(|object| object.body());
        body.ok_or("the stored file is gone")?.bytes().await
    }
}
