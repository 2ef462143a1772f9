//! What a call may cost: every call into the core is timed, and the memory that it holds at its worst is counted.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// The gateway answers nobody else while a call runs, and a pause of 50 ms is one that people begin to notice.
pub const TIME_LIMIT: Duration = Duration::from_millis(50);

/// How much slower the unoptimized build of the checks can be, and one in which libFuzzer counts each comparison.
const TIME_FACTOR: u32 = if cfg!(debug_assertions) {
    20
} else if cfg!(feature = "libfuzzer") {
    8
} else {
    1
};

/// A call above the limit is repeated before it is judged: another process may have had the processor.
const ATTEMPTS: u32 = 8;

/// Time for that process to come to its end.
const PAUSE: Duration = Duration::from_millis(20);

/// Memory for each byte of input.
pub const MEMORY_FACTOR: usize = 4;

/// Memory that any call may use.
pub const MEMORY_BASE: usize = 1024 * 1024;

/// With this variable set, each new worst cost is printed.
static IS_TELLING: LazyLock<bool> = LazyLock::new(|| std::env::var_os("FUZZ_GAUGE").is_some());

thread_local! {
    /// Bytes that this thread has allocated and not freed.
    static LIVE: Cell<usize> = const { Cell::new(0) };
    /// The most that `LIVE` was since the last look.
    static PEAK: Cell<usize> = const { Cell::new(0) };
    /// The worst so far, for `FUZZ_GAUGE`.
    static WORST: Cell<Cost> = const { Cell::new(Cost { time: Duration::ZERO, memory: 0 }) };
    /// The worst so far of what was used of a memory limit, in percent.
    static WORST_SHARE: Cell<usize> = const { Cell::new(0) };
}

/// What a call may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Bytes held at the worst moment, for each byte of input.
    pub factor: usize,
    /// Bytes held whatever the input.
    pub base: usize,
    /// How often it may take [`TIME_LIMIT`].
    pub patience: u32,
}

/// The limit of everything that reads what chat users can send.
pub const STRICT: Limit = Limit { factor: MEMORY_FACTOR, base: MEMORY_BASE, patience: 1 };

#[derive(Debug, Clone, Copy)]
struct Cost {
    time: Duration,
    memory: usize,
}

/// Runs `work`, a call into the core with `input` bytes, and panics if it takes too long or too much memory.
///
/// What `work` keeps counts as well. It has to do the same each time, since a slow call is repeated.
pub fn judge<T>(call: &str, input: usize, work: impl FnMut() -> T) -> T {
    judge_by(STRICT, call, input, work)
}

/// As [`judge`], with a limit of its own.
pub fn judge_by<T>(limit: Limit, call: &str, input: usize, mut work: impl FnMut() -> T) -> T {
    let (mut result, mut cost) = measured(&mut work);
    let memory_limit = input.saturating_mul(limit.factor).saturating_add(limit.base);
    let time_limit = TIME_LIMIT.saturating_mul(limit.patience.saturating_mul(TIME_FACTOR));
    let doubtful = if *IS_TELLING { WORST.get().time } else { time_limit };
    for _ in 1..ATTEMPTS {
        if cost.time <= doubtful.min(time_limit) {
            break;
        }
        if cost.time > time_limit {
            thread::sleep(PAUSE);
        }
        let (again, repeated) = measured(&mut work);
        result = again;
        cost = Cost { time: cost.time.min(repeated.time), memory: cost.memory.max(repeated.memory) };
    }
    if *IS_TELLING {
        tell(call, input, cost, memory_limit);
    }
    assert!(
        cost.time <= time_limit,
        "{call}: {:?} for {input} bytes, {ATTEMPTS} times in a row; the limit is {time_limit:?}",
        cost.time
    );
    assert!(
        cost.memory <= memory_limit,
        "{call}: {} bytes of memory for {input} bytes; the limit is {memory_limit}",
        cost.memory
    );
    result
}

/// The bytes that this thread holds at this moment.
pub fn live() -> usize {
    LIVE.get()
}

fn measured<T>(work: &mut impl FnMut() -> T) -> (T, Cost) {
    let before = LIVE.get();
    PEAK.set(before);
    #[allow(clippy::disallowed_methods, reason = "time outside of the core")]
    let start = Instant::now();
    let result = work();
    let time = start.elapsed();
    (result, Cost { time, memory: PEAK.get().saturating_sub(before) })
}

#[allow(clippy::disallowed_macros, reason = "for whoever reads the output of a long run")]
fn tell(call: &str, input: usize, cost: Cost, memory_limit: usize) {
    let worst = WORST.get();
    if cost.time > worst.time {
        eprintln!("gauge: {:?} in {call}, {input} bytes", cost.time);
    }
    if cost.memory > worst.memory {
        eprintln!("gauge: {} bytes of memory in {call}, {input} bytes", cost.memory);
    }
    WORST.set(Cost { time: worst.time.max(cost.time), memory: worst.memory.max(cost.memory) });
    let share = cost.memory.saturating_mul(100).checked_div(memory_limit).unwrap_or(0);
    if share > WORST_SHARE.get() {
        WORST_SHARE.set(share);
        eprintln!("gauge: {share} % of the memory that {call} may use for {input} bytes");
    }
}

/// Counts, and leaves the work to the system.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocated(size: usize) {
    let live = LIVE.get().wrapping_add(size);
    LIVE.set(live);
    PEAK.set(PEAK.get().max(live));
}

/// Wraps below zero when a thread frees what another one has allocated; differences stay right.
fn freed(size: usize) {
    LIVE.set(LIVE.get().wrapping_sub(size));
}

// SAFETY: every call goes to the system's allocator as it came; counting neither allocates nor panics.
#[allow(unsafe_code, reason = "an allocator is unsafe to implement")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        freed(layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // As if both existed for a moment, which they do wherever memory can't grow in its place.
        allocated(size);
        freed(layout.size());
        unsafe { System.realloc(pointer, layout, size) }
    }
}
