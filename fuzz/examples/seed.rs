//! Writes the inputs that fuzzing starts from: `seed <folder>` makes a folder for each target, `seed <folder> <bytes>`
//! fills them with large inputs instead.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::{env, fs, io};

use hostile::{TARGETS, large, seeds};

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "fuzz/corpus".to_owned());
    let len: Option<usize> = arguments.next().and_then(|len| len.parse().ok());
    for (target, _) in TARGETS {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        for input in len.map_or_else(|| seeds::of(target), |len| large::of(target, len)) {
            let mut hasher = DefaultHasher::new();
            input.hash(&mut hasher);
            fs::write(folder.join(format!("{:016x}", hasher.finish())), input)?;
        }
    }
    Ok(())
}
