//! Runs inputs through a target without libFuzzer, at full speed: `replay <target> <folder>…`.

use std::{env, fs, io};

use hostile::TARGETS;

#[allow(clippy::disallowed_macros, reason = "a program reports to whoever has started it")]
fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let (_, run) = TARGETS.into_iter().find(|(target, _)| *target == name).ok_or(io::ErrorKind::NotFound)?;
    let mut count = 0_usize;
    for folder in arguments {
        for entry in fs::read_dir(folder)? {
            run(&fs::read(entry?.path())?);
            count = count.saturating_add(1);
        }
    }
    println!("{name}: {count} inputs without a finding");
    Ok(())
}
