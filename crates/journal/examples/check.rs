//! Reads and checks the blocks of one data object: `check FILE`.

use std::fs::File;

use qldb_journal::{Checker, Counts, Depth, Pieces};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("give the path of a data object")?;
    let mut checker = Checker::new(Depth::Contents);
    let (mut blocks, mut faults, mut counts) = (0_u64, 0_usize, Counts::default());
    for piece in Pieces::new(File::open(&path)?) {
        let end = piece?.read(&mut checker, path.ends_with(".json"), &mut |block| {
            blocks += 1;
            faults += block.faults.len();
            counts += block.counts;
        });
        if let Some(failure) = end.failure {
            return Err(failure.into());
        }
    }
    println!("{blocks} blocks, {faults} faults, {counts:?}");
    Ok(())
}
