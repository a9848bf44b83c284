//! Idle faults: the world lists exactly the faults that made no difference to the run.

use super::run;

/// A broker, a producer that stops at 5 s, a group with one consumer that leaves at 8 s, and a service that no node calls.
/// Storing takes time, so that a slow broker makes a difference.
const CLUSTER: &str = r#"
    duration = "10s"
    settle = "10s"
    [[brokers]]
    name = "b"
    store_time = "1ms"
    [[services]]
    name = "db"
    service_time = "1ms"
    [[topics]]
    name = "t"
    queues = { b = 1 }
    [[producers]]
    name = "shop"
    topic = "t"
    interval = "100ms"
    stops = "5s"
    [[groups]]
    name = "g"
    topic = "t"
    [[consumers]]
    name = "c"
    group = "g"
    leaves = "8s"
    "#;

/// Runs the faults together, and says of each one whether it is idle.
fn idle(faults: &[&str]) -> Vec<bool> {
    let sections: String = faults.iter().map(|fault| format!("[[faults]]\n{}\n", fault.replace("; ", "\n"))).collect();
    let idle = run(&format!("{CLUSTER}{sections}")).world.idle_faults();
    (0..faults.len()).map(|fault| idle.contains(&fault.into())).collect()
}

#[test]
fn a_fault_is_idle_exactly_when_it_changes_nothing_that_happens() {
    let cases = [
        ("kind = 'crash'; node = 'b'; at = '2s'; for = '1s'", false),
        ("kind = 'crash'; node = 'c'; at = '9s'; for = '500ms'", true),
        ("kind = 'wipe'; node = 'b'; at = '2s'; for = '1s'", false),
        ("kind = 'pause'; node = 'b'; at = '2s'; for = '1s'", false),
        ("kind = 'pause'; node = 'b'; at = '2s'", false),
        ("kind = 'pause'; node = 'db'; at = '2s'; for = '1s'", true),
        ("kind = 'slow'; node = 'b'; factor = 3; at = '2s'; for = '1s'", false),
        ("kind = 'slow'; node = 'b'; factor = 3; at = '2s'", false),
        ("kind = 'slow'; node = 'b'; factor = 1; at = '2s'; for = '1s'", true),
        ("kind = 'slow'; node = 'b'; factor = 3; at = '6s'; for = '1s'", true),
        ("kind = 'slow'; node = 'db'; factor = 3; at = '2s'; for = '1s'", true),
        ("kind = 'disk_full'; node = 'b'; at = '2s'; for = '1s'", false),
        ("kind = 'disk_full'; node = 'b'; at = '2s'", false),
        ("kind = 'disk_full'; node = 'b'; at = '6s'; for = '1s'", true),
        ("kind = 'partition'; sides = [['shop'], ['b']]; at = '2s'; for = '1s'", false),
        ("kind = 'partition'; sides = [['shop'], ['b']]; at = '6s'; for = '1s'", true),
        ("kind = 'partition'; sides = [['shop'], ['db']]; at = '2s'", true),
        ("kind = 'link'; between = ['shop', 'b']; latency = '2ms'; at = '2s'; for = '1s'", false),
        ("kind = 'link'; between = ['shop', 'b']; latency = '1ms'; at = '2s'; for = '1s'", true),
        ("kind = 'link'; between = ['shop', 'b']; latency = '2ms'; at = '6s'; for = '1s'", true),
        ("kind = 'link'; between = ['shop', 'b']; loss = 0.5; at = '2s'; for = '1s'", false),
        ("kind = 'link'; between = ['shop', 'b']; loss = 0; at = '2s'; for = '1s'", true),
    ];
    let observed: Vec<(&str, bool)> = cases.iter().map(|(fault, _)| (*fault, idle(&[fault])[0])).collect();
    assert_eq!(observed, cases);
}

#[test]
fn of_two_overlapping_faults_the_one_that_adds_nothing_is_idle() {
    let crash = |at: &str, lasts: &str| format!("kind = 'crash'; node = 'b'; at = '{at}'; for = '{lasts}'");
    let both = |one: &str, other: &str| idle(&[one, other]);
    assert_eq!(both(&crash("2s", "3s"), &crash("3s", "1s")), [false, true], "the broker is down already");
    assert_eq!(both(&crash("2s", "2s"), &crash("3s", "2s")), [false, false], "the broker is down for longer");
    assert_eq!(
        both(&crash("2s", "3s"), &crash("3s", "2s")),
        [false, true],
        "the broker is down no longer than without the second crash"
    );
    let wipe = "kind = 'wipe'; node = 'b'; at = '3s'; for = '1s'";
    assert_eq!(
        both(&crash("2s", "3s"), wipe),
        [false, false],
        "the crash left the disk as it was, so the wipe empties it"
    );
    assert_eq!(both(wipe, &crash("3500ms", "100ms")), [false, true]);
    let pause = |at: &str| format!("kind = 'pause'; node = 'b'; at = '{at}'; for = '1s'");
    assert_eq!(both(&pause("2s"), &pause("2500ms")), [false, false]);
    assert_eq!(both(&pause("2s"), &pause("2s")), [false, true]);
    let full = |at: &str| format!("kind = 'disk_full'; node = 'b'; at = '{at}'; for = '1s'");
    assert_eq!(both(&full("2s"), &full("2500ms")), [false, false]);
    assert_eq!(both(&full("2s"), &full("2s")), [false, true]);
    let cut = |at: &str| format!("kind = 'partition'; sides = [['shop'], ['b']]; at = '{at}'; for = '1s'");
    assert_eq!(both(&cut("2s"), &cut("2500ms")), [false, false]);
    assert_eq!(both(&cut("2s"), &cut("2s")), [false, true]);
    let link = |at: &str| format!("kind = 'link'; between = ['shop', 'b']; latency = '2ms'; at = '{at}'; for = '1s'");
    assert_eq!(both(&link("2s"), &link("2500ms")), [false, false]);
    assert_eq!(both(&link("2s"), &link("2s")), [false, true]);
}
