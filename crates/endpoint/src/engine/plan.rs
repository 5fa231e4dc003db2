//! The plan of an export: which blocks of which segments.

use super::catalog::segments;
use super::export_run::ExportRun;
use super::jobs::Stop;
use super::segment::Segment;
use qldb_journal::BlockReader;
use qldb_journal::request::TimeRange;

/// The blocks of one segment that an export selects: one data object.
pub(super) struct ObjectPlan {
    pub(super) segment: Segment,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl ObjectPlan {
    pub(super) fn whole(&self) -> bool {
        self.first == self.segment.first && self.last == self.segment.last
    }
}

impl ExportRun<'_> {
    /// What is to be written, in journal order. For this, only segments at an end of the range are read.
    pub(super) fn plan(&self) -> Result<Vec<ObjectPlan>, Stop> {
        let Some(tip) = self.job.tip else { return Ok(Vec::new()) };
        let range = self.job.export.request.range;
        let found = self.core.catalog.read(|catalog| segments::select(catalog, &self.job.strand_id, &range, tip))?;
        let mut plans = Vec::with_capacity(found.len());
        for segment in found {
            self.control.cancelled()?;
            if range.contains(segment.first_time) && range.contains(segment.last_time) {
                plans.push(ObjectPlan { first: segment.first, last: segment.last, segment });
            } else if let Some((first, last)) = self.selected(&segment, &range)? {
                plans.push(ObjectPlan { segment, first, last });
            }
        }
        Ok(plans)
    }

    /// The first and the last block of a segment in a range of time. A damaged segment could hide some blocks, so all
    /// of it is checked.
    fn selected(&self, segment: &Segment, range: &TimeRange) -> Result<Option<(u64, u64)>, Stop> {
        let mut source = self.open(segment)?;
        let mut ends = None;
        for block in BlockReader::new(&mut source, segment.encoding) {
            self.control.cancelled()?;
            let header = block.map_err(|error| self.damage(segment, Some(&error)))?.header;
            if range.contains(header.timestamp) {
                let (first, _) = ends.unwrap_or((header.sequence_no, 0));
                ends = Some((first, header.sequence_no));
            }
        }
        self.check_whole(segment, source)?;
        Ok(ends)
    }
}
