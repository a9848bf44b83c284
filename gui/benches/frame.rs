//! What a frame costs the processor, from the session's work to triangles: without a GPU, and without anybody who fills
//! triangles with colour. A screen shows sixty a second; most of the time in between belongs to others.
//!
//! ```text
//! cargo bench -p queuescope-gui --bench frame -- [--quick]
//! ```
//!
//! Frames are measured in rounds over the same stretch of a run, each as it would be shown while it is played. Of each round
//! the median frame is taken; told are the median, the smallest and the largest of the rounds. Unlike ratios, these figures
//! hold on the machine on which they were measured, and what else it does only adds to them: so the calmest round is what
//! is held against the target. Its exit status is 1 when a target is missed.

#![allow(clippy::disallowed_types, reason = "a benchmark looks at the clock on the wall")]
#![expect(clippy::disallowed_macros, reason = "a benchmark tells its own figures")]

use std::process::ExitCode;
use std::sync::Arc;

use egui::{Rect, ViewportId, pos2, vec2};
use queuescope::kernel::{Span, Time};
use queuescope::limit;
use queuescope::plan::{Fault, Plan};
use queuescope::scenario::{Act, Draft};
use queuescope::session::{Aim, Session};
use queuescope::words::Language;
use queuescope_gui::app::{App, FRAME_EVENTS};
use queuescope_gui::command::{AppCommand, Tab};
use queuescope_gui::font::{self, Faces};
use queuescope_gui::layout::{DetailLevel, Layout};
use queuescope_gui::model::cluster::ClusterView;
use queuescope_gui::model::flight::{self, Routine};
use queuescope_gui::model::name::NameSet;
use queuescope_gui::player::Player;
use queuescope_gui::theme::{Mode, Palette};
use queuescope_gui::view::stage::{self, Camera, StageContent};

/// Rounds of each measurement: enough that a disturbed one does not become the median.
const ROUNDS: usize = 11;
/// Frames of a round.
const FRAMES: usize = 60;
/// A frame, in seconds.
const TICK: f64 = 1.0 / 60.0;
/// Where a round begins: by then all know each other.
const BEGIN: Time = Time(5_000_000_000);

fn main() -> ExitCode {
    let mut rounds = ROUNDS;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => rounds = 3,
            // What cargo adds.
            "--bench" => {}
            other => {
                eprintln!("unknown argument {other:?}\nusage: frame [--quick]");
                return ExitCode::from(2);
            }
        }
    }
    let many = BenchCase { draft: many_messages(), level: DetailLevel::Bars, flights: 130..=150, target: 2.0 };
    let large = BenchCase { draft: large_stage(), level: DetailLevel::Sets, flights: 130..=150, target: 4.0 };
    let met = [many.measure(rounds), large.measure(rounds)];
    ExitCode::from(u8::from(met.contains(&false)))
}

// ---- what is shown -----------------------------------------------------------------------------------------------------

/// Ten brokers with four queues each, a consumer for each queue, and so many messages that some 140 are under way.
fn many_messages() -> Draft {
    // Five hops a message are shown: there, its answer, the delivery, the next pull, the commit.
    cluster("ten brokers, 40 queues, 140 messages under way", 10, 4, 40, 36)
}

/// A hundred queues, and a consumer for each.
fn large_stage() -> Draft {
    cluster("100 queues, 100 consumers", 10, 10, 100, 36)
}

fn cluster(title: &str, brokers: u32, queues: u32, consumers: u32, interval: u64) -> Draft {
    let names: Vec<String> = (0..brokers).map(|number| format!("broker-{number}")).collect();
    let brokers: String = names.iter().map(|name| format!("[[brokers]]\nname = \"{name}\"\n")).collect();
    let holds: Vec<String> = names.iter().map(|name| format!("{name} = {queues}")).collect();
    // One after the other, so that there are always about as many under way.
    let producer = |number: u64| {
        let starts = number * interval / 10;
        format!(
            "[[producers]]\nname = \"shop-{number}\"\ntopic = \"orders\"\nstarts = \"{}ms\"\ninterval = \"{interval}ms\"\n",
            1000 + starts
        )
    };
    let producers: String = (0..10).map(producer).collect();
    let text = format!(
        r#"
title = "{title}"
duration = "120s"
[network]
latency = "150ms"
{brokers}
[[topics]]
name = "orders"
queues = {{ {} }}
{producers}
[[groups]]
name = "order-service"
topic = "orders"
[[consumers]]
name = "order"
count = {consumers}
group = "order-service"
service_time = "5ms"
"#,
        holds.join(", ")
    );
    match Draft::read("frame.toml", &text) {
        Ok(draft) => draft,
        Err(problems) => panic!("{problems}"),
    }
}

struct BenchCase {
    draft: Draft,
    level: DetailLevel,
    flights: std::ops::RangeInclusive<usize>,
    /// Milliseconds.
    target: f64,
}

// ---- how it is measured --------------------------------------------------------------------------------------------------

/// Runs something; returns what it returns, and how long it took the processor, in milliseconds.
#[cfg(unix)]
fn timed<R>(run: impl FnOnce() -> R) -> (R, f64) {
    use rustix::time::{ClockId, clock_gettime};
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
    };
    let start = now();
    let result = run();
    (result, now() - start)
}

/// Runs something; returns what it returns, and how long it took, in milliseconds.
#[cfg(not(unix))]
fn timed<R>(run: impl FnOnce() -> R) -> (R, f64) {
    let start = std::time::Instant::now();
    let result = run();
    (result, start.elapsed().as_secs_f64() * 1e3)
}

/// The median of each round's frames, in milliseconds.
#[derive(Default)]
struct RoundTimes {
    frames: Vec<f64>,
    medians: Vec<f64>,
    longest: f64,
}

impl RoundTimes {
    fn frame(&mut self, milliseconds: f64) {
        self.frames.push(milliseconds);
        self.longest = self.longest.max(milliseconds);
        if self.frames.len() == FRAMES {
            self.medians.push(median(&mut self.frames));
            self.frames.clear();
        }
    }

    fn median(&self) -> f64 {
        median(&mut self.medians.clone())
    }

    /// The calmest round.
    fn least(&self) -> f64 {
        self.medians.iter().copied().fold(f64::MAX, f64::min)
    }

    fn tell(&self, name: &str, more: &str) {
        let (min, max) = (self.least(), self.medians.iter().copied().fold(0.0, f64::max));
        println!("  {name:<44} {:8.3} ms   ({min:.3}–{max:.3})   {more}", self.median());
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A screen of 1280 × 800 points.
struct Screen {
    ctx: egui::Context,
    frames: u64,
}

impl Screen {
    fn new() -> Self {
        let ctx = egui::Context::default();
        font::install(&ctx, Faces::Own);
        Self { ctx, frames: 0 }
    }

    /// The next frame.
    fn frame(&mut self, show: impl FnMut(&mut egui::Ui)) -> FrameTimes {
        self.frames += 1;
        let viewport = egui::ViewportInfo { native_pixels_per_point: Some(1.0), ..Default::default() };
        let input = egui::RawInput {
            viewports: [(ViewportId::ROOT, viewport)].into_iter().collect(),
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 800.0))),
            max_texture_side: Some(4096),
            time: Some(self.frames as f64 * TICK),
            ..Default::default()
        };
        let (mut output, shown) = timed(|| self.ctx.run_ui(input, show));
        // There is no GPU to give them to.
        output.textures_delta.clear();
        let (primitives, tessellated) = timed(|| self.ctx.tessellate(output.shapes, output.pixels_per_point));
        let indices = primitives.iter().map(|it| match &it.primitive {
            egui::epaint::Primitive::Mesh(mesh) => mesh.indices.len(),
            egui::epaint::Primitive::Callback(_) => 0,
        });
        FrameTimes { shown, tessellated, triangles: indices.sum::<usize>() / 3 }
    }
}

/// How long a frame took up to its shapes, and from there to triangles, in milliseconds; and the number of triangles.
struct FrameTimes {
    shown: f64,
    tessellated: f64,
    triangles: usize,
}

/// The application, played on a screen.
struct BenchWindow {
    screen: Screen,
    app: App,
    /// The longest frame while the run ahead was not known yet.
    ahead: f64,
}

impl BenchWindow {
    fn new(draft: &Draft, tab: Tab) -> Self {
        let mut screen = Screen::new();
        let mut app = App::with_scenario(draft.clone(), Language::English, Mode::Light);
        app.act(AppCommand::Tab(tab), &screen.ctx);
        // The first frame draws the letters.
        screen.frame(|ui| app.show(ui));
        let mut ahead = 0.0_f64;
        while !app.session().is_known() {
            let frame = screen.frame(|ui| app.show(ui));
            ahead = ahead.max(frame.shown + frame.tessellated);
        }
        Self { screen, app, ahead }
    }

    /// Makes three branches where a round begins, each by an act.
    fn branch(&mut self) {
        for node in 1..=3_usize {
            self.app.go_to(BEGIN);
            let act =
                Act::Break { fault: Fault::Slow { node: node.into(), factor: 1.5 }, lasts: Some(Span::from_secs(1)) };
            self.app.act_on_run(&act).expect("it can be done");
            while self.app.branches().is_switching() || !self.app.session().is_known() {
                self.frame();
            }
        }
        assert_eq!(self.app.branches().all().len(), 4);
    }

    fn begin(&mut self) {
        self.app.go_to(BEGIN);
        self.app.play();
    }

    fn frame(&mut self) -> FrameTimes {
        self.screen.frame(|ui| self.app.show(ui))
    }
}

/// The parts of the application, so that each step of a frame can be measured alone.
struct FrameBench {
    screen: Screen,
    session: Session,
    player: Player,
    camera: Camera,
    names: NameSet,
}

/// How long each step took, in milliseconds, and how many packets were in flight.
struct StepTimes {
    player: f64,
    session: f64,
    cluster: f64,
    flights: f64,
    stage: f64,
    count: usize,
}

impl FrameBench {
    fn new(plan: &Arc<Plan>) -> Self {
        let mut session = Session::new(Arc::clone(plan), plan.seed, limit::EVENTS);
        session.work(u64::MAX);
        let names = NameSet::on_stage(plan);
        Self { screen: Screen::new(), session, player: Player::default(), camera: Camera::default(), names }
    }

    fn begin(&mut self) {
        self.session.aim(Aim::Time(BEGIN));
        self.session.work(u64::MAX);
        self.player.play();
    }

    fn frame(&mut self) -> StepTimes {
        let Self { screen, session, player, camera, names } = self;
        let (_, played) = timed(|| player.tick(session, TICK, 0.0));
        let (_, worked) = timed(|| session.work(FRAME_EVENTS));
        let (plan, scene) = (session.plan(), session.scene());
        let (cluster, looked) = timed(|| ClusterView::of(scene));
        let ((packets, drops, tails), found) = timed(|| {
            (flight::in_flight(scene, Routine::default()), flight::drops(scene), flight::truncated_tails(scene))
        });
        let shown = StageContent {
            plan,
            names,
            cluster: &cluster,
            packets: &packets,
            drops,
            tails,
            belief_of: &|_| None,
            now: scene.at(),
            rate: player.rate(),
            mentioned: &[],
            selected: None,
            legend: false,
            language: Language::English,
            palette: Palette::of(Mode::Light),
        };
        let stage = screen.frame(|ui| stage::show(ui, camera, &shown, &mut Vec::new())).shown;
        StepTimes { player: played, session: worked, cluster: looked, flights: found, stage, count: packets.len() }
    }
}

impl BenchCase {
    /// Measures, and prints the figures; whether the target was met.
    fn measure(&self, rounds: usize) -> bool {
        let plan = self.draft.plan();
        assert_eq!(Layout::of(plan, vec2(980.0, 570.0)).level, self.level);
        println!("\n{}, 1280 × 800, played at 60 frames a second", plan.title.en);
        let tabs = [Tab::Lesson, Tab::Log, Tab::Expect, Tab::Charts, Tab::Lesson];
        let mut windows = tabs.map(|tab| BenchWindow::new(&self.draft, tab));
        windows[4].branch();
        let mut bench = FrameBench::new(plan);
        let mut table: [RoundTimes; 12] = Default::default();
        let (mut counts, mut triangles) = (Vec::new(), 0);
        // One round that does not count.
        for round in 0..=rounds {
            windows.iter_mut().for_each(BenchWindow::begin);
            bench.begin();
            for _ in 0..FRAMES {
                let [frame, log, expect, charts, branch] = windows.each_mut().map(BenchWindow::frame);
                let part = bench.frame();
                counts.push(part.count);
                triangles = frame.triangles;
                let rest = frame.shown - part.player - part.session - part.cluster - part.flights - part.stage;
                let total = |frame: &FrameTimes| frame.shown + frame.tessellated;
                let parts =
                    [part.player, part.session, part.cluster, part.flights, part.stage, rest, frame.tessellated];
                let others = [log, expect, charts, branch].map(|frame| total(&frame));
                let all = [total(&frame)].into_iter().chain(parts).chain(others);
                if round > 0 {
                    table.iter_mut().zip(all).for_each(|(row, milliseconds)| row.frame(milliseconds));
                }
            }
        }
        let (least, most) = (counts.iter().min().copied(), counts.iter().max().copied());
        let (least, most) = (least.unwrap_or_default(), most.unwrap_or_default());
        assert!(self.flights.contains(&least) && self.flights.contains(&most), "{least} to {most}: another stage");
        println!("  {:<44} {least:4} to {most}", "messages under way that are shown");
        println!("  {:<44} {triangles:8}", "triangles");
        let met = table[0].least() <= self.target;
        for (row, name) in table.iter().zip(ROWS) {
            let verdict = format!("target {:.1} ms   {}", self.target, if met { "ok" } else { "MISSED" });
            row.tell(name, if name == ROWS[0] { &verdict } else { "" });
        }
        println!("  {:<44} {:8.3} ms", "the longest frame of all", table[0].longest);
        println!("  {:<44} {:8.3} ms", "the longest while the run goes ahead", windows[0].ahead);
        met
    }
}

/// What is measured.
const ROWS: [&str; 12] = [
    "a frame",
    "  the player, with its look-ahead",
    "  the session's work",
    "  ClusterView::of",
    "  packets in flight, and drops",
    "  the stage, painted",
    "  panels: the rest",
    "  tessellation",
    "a frame with the log",
    "a frame with the expectations",
    "a frame with the charts",
    "a frame of the last of four branches",
];
