//! The export of an hour: minutes from R2, and its Parquet file into R2 and back.
//!
//! In scope: reading, storing in parts. Out of scope: the steps and their order (`archive`).

use std::time::Duration;

use worker::{Bucket, Env, MultipartUpload, Range, Result, UploadedPart};

use crate::archive::{Date, HourExport, HourFile, Location, Provenance, Step};
use crate::ask::ExportOrder;
use crate::platform::{archive, timeout};

/// The size of a part: R2 wants equal ones of at least 5 MiB, but for the last. An hour of 11,450
/// aircraft has 11 MB.
const PART_BYTES: usize = 8 << 20;

/// R2 normally takes a fraction of this.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Exports an hour. An upload that fails is given up; R2 deletes its parts after seven days if that
/// fails, too.
pub(super) async fn export(env: &Env, order: &ExportOrder) -> Result<HourFile> {
    let mut upload = Upload::new(env, order)?;
    let done = steps(env, order, &mut upload).await;
    if done.is_err()
        && let Some(begun) = &upload.begun
    {
        // After its completion this is an error, which does not matter.
        let _given_up = timeout(TIMEOUT, begun.abort()).await;
    }
    done
}

async fn steps(env: &Env, order: &ExportOrder, upload: &mut Upload<'_>) -> Result<HourFile> {
    let failed = |error: crate::archive::ExportError| error.to_string();
    let (simulated, source) = (order.simulated, Some(order.source.clone()));
    let provenance = Provenance { simulated, source, license: None };
    let mut export = HourExport::new(order.work.minutes.clone(), provenance);
    loop {
        match export.step().map_err(failed)? {
            Step::Read(time) => {
                let location = Location::Object(Date(time).key());
                let minute = timeout(TIMEOUT, archive::read_minute(env, &location)).await?;
                export.minute(minute.snapshot).map_err(failed)?;
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
}

impl<'a> Upload<'a> {
    fn new(env: &Env, order: &'a ExportOrder) -> Result<Self> {
        let bucket = archive::bucket(env)?;
        Ok(Self { bucket, order, waiting: Vec::new(), begun: None, parts: Vec::new() })
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
            return Ok(stored.ok_or("R2 kept no object")?.size());
        }
        self.part(rest).await?;
        let upload = self.begun.take().ok_or("no upload was begun")?;
        let parts = std::mem::take(&mut self.parts);
        Ok(timeout(TIMEOUT, upload.complete(parts)).await?.size())
    }

    async fn fetch(&self, range: Range) -> Result<Vec<u8>> {
        let object = self.bucket.get(&self.order.work.key).range(range).execute().await?;
        let body = object.as_ref().and_then(|object| object.body());
        body.ok_or("the stored file is gone")?.bytes().await
    }
}
