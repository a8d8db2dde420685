//! Two hundred clients, one hub, a bad network and crashes, on a virtual clock, for many seeds.
//!
//! In scope: every client ends with the hub's state, costs a bounded amount meanwhile, and is
//! closed only as the protocol says.
//! Out of scope: a real runtime; storage, sockets and hibernation are fakes.

mod snapshots;
mod world;

use overflight::hub::{CloseCode, FrameFormat};
use world::{Totals, World};

const SEEDS: u64 = 1_000;
const CLIENTS: usize = 200;

/// Prints the seed if its simulation panics.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the simulation breaks at seed {}", self.0);
        }
    }
}

fn simulate(seed: u64) -> Totals {
    let _named = Named(seed);
    let mut world = World::new(seed, CLIENTS);
    for _ in 0..30 {
        world.step();
    }
    world.calm_down();
    let (live, text) = (world.hub().live().clone(), world.text());
    for client in &world.clients {
        match client.format {
            FrameFormat::Binary => assert_eq!(client.live(), &live),
            FrameFormat::Json => assert_eq!(client.text(), &text),
        }
    }
    world.totals
}

#[test]
fn every_client_ends_with_the_hubs_state() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut totals = Totals::default();
    std::thread::scope(|scope| {
        let run = |first: usize| {
            move || {
                let mut totals = Totals::default();
                for seed in (first as u64..SEEDS).step_by(threads) {
                    totals.add(&simulate(seed));
                }
                totals
            }
        };
        let runs: Vec<_> = (0..threads).map(|first| scope.spawn(run(first))).collect();
        for run in runs {
            totals.add(&run.join().expect("an invariant is broken: see its seed above"));
        }
    });
    // An event that never happened is not tested.
    eprintln!("{totals:?}");
    assert!(totals.all_happened(), "{totals:?}");
    assert_eq!(totals.closed(CloseCode::Protocol), 0, "no client of ours breaks the protocol");
}
