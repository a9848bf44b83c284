//! The window at every size and zoom, with anything open, for every lesson and for generated clusters: nothing makes it
//! panic, and everything that is painted has a place.
//!
//! By default each cluster is shown in each way, each time at another size, zoom, moment, language and theme; so every two
//! of these meet. `SWEEP=all` takes every combination of cluster, way, size and zoom, which takes an hour:
//!
//! ```text
//! SWEEP=all cargo test -p queuescope-gui --test sweep
//! ```

#[path = "sweep/clusters.rs"]
mod clusters;

use std::panic::{AssertUnwindSafe, catch_unwind};

use egui::{Key, Modifiers, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use queuescope::kernel::Time;
use queuescope::plan::{Fault, GroupId, MessageId, NodeId, QueueId, Role};
use queuescope::scenario::{Act, Draft, lessons};
use queuescope::words::Language;
use queuescope_gui::app::App;
use queuescope_gui::command::{AppCommand, Tab};
use queuescope_gui::font::{self, Faces};
use queuescope_gui::model::chart::Chart;
use queuescope_gui::model::selection::Selected;
use queuescope_gui::theme::{self, Mode};

use self::clusters::Cluster;

type Window = Harness<'static, App>;

/// Sizes of a window, in pixels.
const SIZES: [(f32, f32); 11] = [
    (320.0, 240.0),
    (400.0, 300.0),
    (640.0, 480.0),
    (960.0, 600.0),
    (1280.0, 720.0),
    (1920.0, 1080.0),
    (2560.0, 1440.0),
    (3840.0, 2160.0),
    (320.0, 2160.0),
    (3840.0, 240.0),
    (1.0, 1.0),
];

/// How often the stage is zoomed out or in: from the least to the most.
const ZOOMS: [i32; 5] = [-20, -5, 0, 3, 20];

/// What is open beside the stage, or in the middle of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Stage,
    Gallery,
    Keys,
    Legend,
    Presenter,
    PresenterLegend,
    Palette,
    Editor,
    EditorAndLog,
    Node,
    Broker,
    Queue,
    Group,
    Message,
    Expect,
    Log,
    Charts,
    LargeChart,
    Menu,
    Saving,
    Branches,
    Routine,
}

const WAYS: [Way; 22] = [
    Way::Stage,
    Way::Gallery,
    Way::Keys,
    Way::Legend,
    Way::Presenter,
    Way::PresenterLegend,
    Way::Palette,
    Way::Editor,
    Way::EditorAndLog,
    Way::Node,
    Way::Broker,
    Way::Queue,
    Way::Group,
    Way::Message,
    Way::Expect,
    Way::Log,
    Way::Charts,
    Way::LargeChart,
    Way::Menu,
    Way::Saving,
    Way::Branches,
    Way::Routine,
];

fn window(cluster: &Cluster, share: f64, language: Language, mode: Mode) -> Window {
    let draft = Draft::read(&cluster.name, &cluster.text).unwrap_or_else(|problems| panic!("{problems}"));
    let mut app = App::with_scenario(draft, language, mode);
    let end = app.session().plan().end();
    app.go_to(Time((end.0 as f64 * share) as u64));
    Harness::builder()
        .with_size(vec2(1280.0, 720.0))
        .with_context_setup(|ctx| font::install(ctx, Faces::Own))
        .build_ui_state(|ui, app: &mut App| app.show(ui), app)
}

/// A node of a kind, if there is one.
fn node(app: &App, is: fn(&Role) -> bool) -> Option<NodeId> {
    app.session().plan().nodes_where(is).last()
}

/// The first message of the first producer.
fn message(app: &App) -> Option<MessageId> {
    let producer = node(app, |role| matches!(role, Role::Producer(_)))?;
    Some(MessageId { producer, number: 1 })
}

fn act(window: &mut Window, command: AppCommand) {
    let ctx = window.ctx.clone();
    window.state_mut().act(command, &ctx);
}

impl Way {
    /// Opens it.
    fn begin(self, window: &mut Window) {
        let app = window.state();
        let is_broker = |role: &Role| matches!(role, Role::Broker { .. });
        match self {
            Self::Stage => {}
            Self::Gallery => act(window, AppCommand::Gallery),
            Self::Keys => act(window, AppCommand::Keys),
            Self::Legend => act(window, AppCommand::Legend),
            Self::Presenter => act(window, AppCommand::Presenter),
            Self::PresenterLegend => {
                act(window, AppCommand::Presenter);
                act(window, AppCommand::Legend);
            }
            Self::Palette => act(window, AppCommand::Palette),
            Self::Editor => act(window, AppCommand::Editor),
            Self::EditorAndLog => {
                act(window, AppCommand::Editor);
                act(window, AppCommand::Tab(Tab::Log));
            }
            Self::Node => {
                let node = node(app, |role| !matches!(role, Role::Broker { .. }));
                window.state_mut().select(node.map(Selected::Node));
            }
            Self::Broker => {
                let node = node(app, is_broker);
                window.state_mut().select(node.map(Selected::Node));
            }
            Self::Queue => window.state_mut().select(Some(Selected::Queue(QueueId::from(0_usize)))),
            Self::Group => {
                let any = !app.session().plan().groups.is_empty();
                window.state_mut().select(any.then(|| Selected::Group(GroupId::from(0_usize))));
            }
            Self::Message => {
                let message = message(app);
                window.state_mut().select(message.map(Selected::Message));
            }
            Self::Expect => act(window, AppCommand::Tab(Tab::Expect)),
            Self::Log => act(window, AppCommand::Tab(Tab::Log)),
            Self::Charts => act(window, AppCommand::Tab(Tab::Charts)),
            Self::LargeChart => {
                act(window, AppCommand::Tab(Tab::Charts));
                window.set_size(vec2(1280.0, 1400.0));
                window.run_steps(2);
                let title = Chart::Depth.word().text(window.state().language());
                window.get_all_by_label(title).last().expect("every run has a depth").click();
            }
            Self::Menu => {
                let node = node(app, is_broker);
                window.state_mut().select(node.map(Selected::Node));
                act(window, AppCommand::Menu);
            }
            Self::Saving => act(window, AppCommand::SaveCharts),
            Self::Branches => {
                let node = node(app, is_broker).expect("every cluster has one");
                let act = Act::Break { fault: Fault::Pause { node }, lasts: None };
                // At the end nothing breaks any more.
                let _ = window.state_mut().act_on_run(&act);
            }
            Self::Routine => act(window, AppCommand::Routine),
        }
    }

    /// Closes it again.
    fn end(self, window: &mut Window) {
        match self {
            Self::Stage | Self::Branches => {}
            Self::Gallery => act(window, AppCommand::Gallery),
            Self::Legend => act(window, AppCommand::Legend),
            Self::Routine => act(window, AppCommand::Routine),
            Self::PresenterLegend => {
                act(window, AppCommand::Legend);
                act(window, AppCommand::Escape);
            }
            Self::Editor | Self::EditorAndLog => act(window, AppCommand::Editor),
            Self::Keys | Self::Presenter | Self::Palette | Self::Menu | Self::Saving | Self::LargeChart => {
                act(window, AppCommand::Escape);
            }
            _ => act(window, AppCommand::Tab(Tab::Lesson)),
        }
        window.state_mut().select(None);
        act(window, AppCommand::Tab(Tab::Lesson));
    }
}

/// A frame as a window paints it; everything has a place.
fn frame(window: &mut Window) {
    window.step();
    let pixels = window.ctx.pixels_per_point();
    let shapes = window.output().shapes.clone();
    let is_drawn = |shape: &egui::Shape| !matches!(shape, egui::Shape::Text(text) if text.galley.text().is_empty());
    for shape in shapes.iter().filter(|it| is_drawn(&it.shape)) {
        let rect = shape.shape.visual_bounding_rect();
        assert!(!rect.any_nan() && !shape.clip_rect.any_nan(), "{rect:?} in {:?}: {:?}", shape.clip_rect, shape.shape);
    }
    window.ctx.tessellate(shapes, pixels);
}

/// Gives the window this size, with the zoom that suits it.
fn resize(window: &mut Window, (width, height): (f32, f32)) -> Vec2 {
    let scale = theme::zoom(vec2(width, height));
    let size = vec2(width, height) / scale;
    window.set_size(size).set_pixels_per_point(scale);
    size
}

fn show(window: &mut Window, way: Way, size: (f32, f32), zoom: i32) {
    way.begin(window);
    let size = resize(window, size);
    act(window, AppCommand::Fit);
    for _ in 0..zoom.abs() {
        act(window, if zoom > 0 { AppCommand::ZoomIn } else { AppCommand::ZoomOut });
    }
    frame(window);
    // The pointer moves, the wheel turns, and something is dragged.
    for (x, y) in [(0.3, 0.35), (0.5, 0.5)] {
        let at = pos2(size.x * x, size.y * y);
        window.hover_at(at);
        let wheel = egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, if zoom > 0 { 400.0 } else { -400.0 }),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        };
        window.event(wheel);
        frame(window);
    }
    window.remove_cursor();
    window.key_press(Key::PageDown);
    frame(window);
    way.end(window);
}

/// Everything that is shown: lessons, and generated clusters.
fn clusters() -> Vec<Cluster> {
    let lessons = lessons().iter().map(|it| Cluster { name: it.name.to_owned(), text: it.text.to_owned() });
    lessons.chain(clusters::all()).collect()
}

/// The combinations that are tried of a cluster, by its number: what is open, sizes and zooms.
fn tries(number: usize, all: bool) -> Vec<(Way, (f32, f32), i32)> {
    if all {
        let sizes = SIZES.iter().flat_map(|size| ZOOMS.iter().map(move |zoom| (*size, *zoom)));
        return sizes.flat_map(|(size, zoom)| WAYS.iter().map(move |way| (*way, size, zoom))).collect();
    }
    let of = |(place, way): (usize, &Way)| {
        (*way, SIZES[(number + place * 3) % SIZES.len()], ZOOMS[(number + place + place / 5) % ZOOMS.len()])
    };
    WAYS.iter().enumerate().map(of).collect()
}

#[test]
fn nothing_makes_the_window_panic_at_any_size_and_zoom() {
    let all = std::env::var("SWEEP").is_ok_and(|sweep| sweep == "all");
    let mut broken = Vec::new();
    for (number, cluster) in clusters().iter().enumerate() {
        let share = [0.5, 0.02, 0.3, 1.0, 0.7][number % 5];
        let (language, mode) = (Language::ALL[number % 2], Mode::ALL[number / 2 % 2]);
        let mut kept = None;
        for (way, size, zoom) in tries(number, all) {
            let shown = catch_unwind(AssertUnwindSafe(|| {
                let mut window = kept.take().unwrap_or_else(|| window(cluster, share, language, mode));
                show(&mut window, way, size, zoom);
                kept = Some(window);
            }));
            if let Err(why) = shown {
                let why = why.downcast_ref::<String>().map_or("?", String::as_str);
                let why: String = why.chars().take(160).collect();
                broken.push(format!("{}: {way:?} at {size:?}, zoom {zoom}: {why}", cluster.name));
            }
        }
    }
    assert!(broken.is_empty(), "{} of the frames panic:\n{}", broken.len(), broken.join("\n"));
}
