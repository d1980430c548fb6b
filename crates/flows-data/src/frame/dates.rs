//! Dates and times as people and programs write them.

use jiff::{
    SignedDuration,
    civil::{Date, Time},
    tz::Offset,
};
use serde::{Deserialize, Serialize};

/// The zone of a column's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zone {
    /// None is written; the times count as UTC.
    Unsaid,
    /// `Z`.
    Utc,
    /// So many seconds east of Greenwich.
    East(i32),
}

/// How a column writes its dates and times.
///
/// # Example
///
/// ```
/// use flows_data::TimeStyle;
///
/// // Two midnights need no clock.
/// assert_eq!(TimeStyle::of(&[0.0, 86_400.0]).text(1.7e9), "2023-11-14");
/// assert_eq!(TimeStyle::of(&[0.0, 0.25]).text(1.7e9), "2023-11-14T22:13:20.00Z");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeStyle {
    /// The date, as in `strftime`.
    pub date: String,
    /// What is between the date and the clock; `None` where there is no clock.
    pub clock: Option<char>,
    /// Whether the clock has seconds.
    pub seconds: bool,
    /// Digits behind the seconds.
    pub fraction: u8,
    /// The zone.
    pub zone: Zone,
}

/// The spellings of a date that are tried, the most likely first.
const DATES: [&str; 26] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%b %Y",
    "%B %Y",
    "%b-%Y",
    "%B-%Y",
    "%b %d %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%B %d %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%a, %d %b %Y",
    "%Y-%m",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%d-%b-%y",
    "%a %b %d %Y",
];

/// The day from which seconds are counted.
const EPOCH: Date = Date::constant(1970, 1, 1);
/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// A time in one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Clock {
    mark: char,
    of_day: f64,
    seconds: bool,
    fraction: u8,
    zone: Zone,
}

impl TimeStyle {
    /// ISO 8601, with as much of a clock as the times need.
    pub fn of(seconds: &[f64]) -> Self {
        let known = || seconds.iter().filter(|seconds| seconds.is_finite());
        let mut style =
            Self { date: DATES[0].to_owned(), clock: None, seconds: false, fraction: 0, zone: Zone::Unsaid };
        if known().all(|seconds| seconds.rem_euclid(DAY) == 0.0) {
            return style;
        }
        (style.clock, style.seconds, style.zone) = (Some('T'), true, Zone::Utc);
        let fits = |digits: u8| {
            let unit = 10f64.powi(i32::from(digits));
            // A microsecond is about what double precision has of today's seconds.
            known().all(|seconds| ((seconds * unit).round() / unit - seconds).abs() < 1e-6)
        };
        style.fraction = (0..6).find(|digits| fits(*digits)).unwrap_or(6);
        style
    }

    /// The distance of neighbouring times, in seconds.
    pub fn step(&self) -> f64 {
        match (self.clock, self.seconds) {
            (None, _) => DAY,
            (_, false) => 60.0,
            _ => 10f64.powi(-i32::from(self.fraction)),
        }
    }

    /// A time, in seconds since 1970, as it is written.
    pub fn text(&self, seconds: f64) -> String {
        let east = if let Zone::East(east) = self.zone { east } else { 0 };
        // To the last digit that is shown, so that 59.9996 seconds are no 60.000.
        let unit = 10f64.powi(i32::from(self.fraction));
        let step = if self.clock.is_some() && self.seconds { 1.0 / unit } else { self.step() };
        let local = match step < 1.0 {
            true => ((seconds + f64::from(east)) * unit).round() / unit,
            false => ((seconds + f64::from(east)) / step).floor() * step,
        };
        let whole = local.floor();
        // As dates of the calendar, which reach the end of the year 9999, that many a table has for "never".
        let moment = EPOCH.to_datetime(Time::midnight()).checked_add(SignedDuration::from_secs(whole as i64));
        let Ok(moment) = moment else { return format!("{seconds}") };
        let mut text = moment.date().strftime(&self.date).to_string();
        if let Some(mark) = self.clock {
            text.push(mark);
            text += &moment.strftime(if self.seconds { "%H:%M:%S" } else { "%H:%M" }).to_string();
            if self.seconds && self.fraction > 0 {
                let fraction = format!("{:.*}", usize::from(self.fraction), local - whole);
                text += fraction.trim_start_matches('0');
            }
            text += &match self.zone {
                Zone::Unsaid => String::new(),
                Zone::Utc => "Z".to_owned(),
                Zone::East(east) => {
                    let (sign, size) = (if east < 0 { '-' } else { '+' }, east.unsigned_abs());
                    format!("{sign}{:02}:{:02}", size / 3600, size / 60 % 60)
                }
            };
        }
        text
    }
}

/// The largest step, of a day, an hour, a minute and a second, at whose multiples all times lie, and its name; `None` where
/// some lie between two seconds.
pub(crate) fn whole_step(seconds: &[f64]) -> Option<(f64, &'static str)> {
    let steps = [(DAY, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second")];
    let known = || seconds.iter().filter(|seconds| seconds.is_finite());
    steps.into_iter().find(|(step, _)| known().all(|seconds| (seconds / step).fract() == 0.0))
}

/// What a list of texts is, as times.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Times {
    /// Seconds since 1970, one a text, and how they are written.
    Read(Vec<f64>, TimeStyle),
    /// Times whose day and month cannot be told apart.
    Ambiguous,
    /// Something else.
    Not,
}

/// Reads texts as times, if all of them are times of one spelling.
pub(crate) fn read_times<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Times {
    let Some(first) = texts.clone().next() else { return Times::Not };
    let spellings: Vec<&str> = DATES.into_iter().filter(|date| read(first, date).is_some()).collect();
    let mut fitting = spellings.into_iter().filter_map(|date| {
        let read: Option<Vec<(f64, Option<Clock>)>> = texts.clone().map(|text| read(text, date)).collect();
        read.map(|times| (date, times))
    });
    let Some((date, times)) = fitting.next() else { return Times::Not };
    // 03/04/2024 is two days: other spellings that fit must say the same.
    if fitting.any(|(_, others)| others.iter().zip(&times).any(|(a, b)| a.0 != b.0)) {
        return Times::Ambiguous;
    }
    let clocks = || times.iter().filter_map(|(_, clock)| *clock);
    let zones: Vec<Zone> = clocks().map(|clock| clock.zone).collect();
    let zone = match zones.first() {
        Some(zone) if zones.iter().all(|other| other == zone) => *zone,
        Some(_) => Zone::Utc,
        None => Zone::Unsaid,
    };
    let style = TimeStyle {
        date: date.to_owned(),
        clock: clocks().next().map(|clock| clock.mark),
        seconds: clocks().any(|clock| clock.seconds),
        fraction: clocks().map(|clock| clock.fraction).max().unwrap_or(0),
        zone,
    };
    Times::Read(times.into_iter().map(|(seconds, _)| seconds).collect(), style)
}

/// Texts by which one tells whether a column is one of times.
const SAMPLE: usize = 200;

/// Of texts most of which are times of one spelling, which of them are; `None` of others.
pub(crate) fn mostly_times<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Option<Vec<bool>> {
    let fitting = |date: &&str| texts.clone().take(SAMPLE).filter(|text| read(text, date).is_some()).count();
    let date = DATES.into_iter().max_by_key(fitting).filter(|date| fitting(date) > 0)?;
    let is_time: Vec<bool> = texts.map(|text| read(text, date).is_some()).collect();
    (2 * is_time.iter().filter(|is| **is).count() > is_time.len()).then_some(is_time)
}

/// The seconds since 1970 of a text in any spelling; nothing where it may be two times.
pub(crate) fn read_time(text: &str) -> Option<f64> {
    let mut times = DATES.into_iter().filter_map(|date| read(text, date)).map(|(seconds, _)| seconds);
    let first = times.next()?;
    times.all(|other| other == first).then_some(first)
}

impl TimeStyle {
    /// The seconds since 1970 of a text in this spelling of the date, or in one that says what time it is by itself.
    pub(crate) fn read(&self, text: &str) -> Option<f64> {
        read(text, &self.date).map(|(seconds, _)| seconds).or_else(|| read_time(text))
    }
}

/// A text, by the spelling of its date; with the clock if it has one.
fn read(text: &str, date: &str) -> Option<(f64, Option<Clock>)> {
    let text = text.trim();
    let plain = text.len() >= 6 && text.len() <= 40 && text.bytes().any(|byte| byte.is_ascii_digit());
    if !plain {
        return None;
    }
    let (day, clock) = match text.find(':') {
        None => (text, None),
        Some(colon) => {
            let mark = text[..colon].rfind(['T', 't', ' '])?;
            let clock = clock(&text[mark + 1..])?;
            (text[..mark].trim_end(), Some(Clock { mark: char::from(text.as_bytes()[mark]), ..clock }))
        }
    };
    let days = days(day, date)?;
    let (of_day, east) =
        clock.map_or((0.0, 0), |clock| (clock.of_day, if let Zone::East(east) = clock.zone { east } else { 0 }));
    Some((days * DAY + of_day - f64::from(east), clock))
}

fn days(text: &str, pattern: &str) -> Option<f64> {
    // `strptime` takes 5 for %Y: a year has four digits.
    let digits = |run: usize| text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == run);
    if pattern.contains("%Y") != digits(4) || text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() > 4) {
        return None;
    }
    // It takes -2021 for a year before Christ.
    if pattern.contains('-') != text.contains('-') {
        return None;
    }
    // Nor does it mind 2021 for a day and a year.
    let numbers = pattern.matches(['Y', 'y', 'm', 'd']).count();
    if text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).count() != numbers {
        return None;
    }
    let date = match pattern {
        "%b %Y" | "%B %Y" | "%b-%Y" | "%B-%Y" => Date::strptime(format!("{pattern} %d"), format!("{text} 1")).ok()?,
        "%Y-%m-%d" => {
            let mut parts = text.split('-');
            let year: i16 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
            let (month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            if parts.next().is_some() {
                return None;
            }
            Date::new(year, month, day).ok()?
        }
        "%Y-%m" => {
            let (year, month) = text.split_once('-')?;
            if year.len() != 4 || month.len() != 2 {
                return None;
            }
            Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?
        }
        pattern => Date::strptime(pattern, text).ok()?,
    };
    Some(date.duration_since(EPOCH).as_secs() as f64 / DAY)
}

/// `HH:MM[:SS[.fraction]]`, and behind it nothing, AM, PM or a zone.
fn clock(text: &str) -> Option<Clock> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(text.len());
    let (digits, rest) = (text[..end].replace(',', "."), text[end..].trim_start());
    let mut parts = digits.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next();
    let two = |part: &str| (matches!(part.len(), 1 | 2)).then(|| part.parse::<u32>().ok()).flatten();
    let (mut hour, minute) = (two(hour)?, two(minute).filter(|minute| *minute < 60)?);
    let (fraction, second) = match second {
        None => (0, None),
        Some(second) => {
            let (whole, fraction) = second.split_once('.').unwrap_or((second, ""));
            two(whole)?;
            (fraction.len().min(9) as u8, Some(second.parse::<f64>().ok().filter(|second| *second < 61.0)?))
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let zone = match rest.to_ascii_uppercase().as_str() {
        "" => Zone::Unsaid,
        "AM" | "PM" if !(1..=12).contains(&hour) => return None,
        "AM" => {
            hour %= 12;
            Zone::Unsaid
        }
        "PM" => {
            hour = hour % 12 + 12;
            Zone::Unsaid
        }
        "Z" | "UTC" | "GMT" => Zone::Utc,
        zone => offset(zone)?,
    };
    if hour > 23 {
        return None;
    }
    let of_day = f64::from(hour * 3600 + minute * 60) + second.unwrap_or(0.0);
    Some(Clock { mark: 'T', of_day, seconds: second.is_some(), fraction, zone })
}

/// `+hh`, `+hhmm` or `+hh:mm`.
fn offset(text: &str) -> Option<Zone> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' | '\u{2212}' => -1,
        _ => return None,
    };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    let east = sign * (hours * 3600 + minutes * 60);
    Offset::from_seconds(east).ok()?;
    Some(if east == 0 { Zone::Utc } else { Zone::East(east) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-03-14T15:09:26Z.
    const PI_DAY: f64 = 1_710_428_966.0;

    #[test]
    fn the_usual_spellings_are_read_and_written_as_they_were() {
        for (text, seconds) in [
            ("2024-03-14", PI_DAY - 54_566.0),
            ("2024-03-14T15:09:26Z", PI_DAY),
            ("2024-03-14 15:09:26", PI_DAY),
            ("2024-03-14T16:09:26+01:00", PI_DAY),
            ("2024-03-14T09:39:26.5-05:30", PI_DAY + 0.5),
            ("2024-03-14 15:09", PI_DAY - 26.0),
            ("2024/03/14", PI_DAY - 54_566.0),
            ("14.03.2024", PI_DAY - 54_566.0),
            ("03/14/2024", PI_DAY - 54_566.0),
            ("14/03/2024 15:09", PI_DAY - 26.0),
            ("Mar 14 2024", PI_DAY - 54_566.0),
            ("14 Mar 2024", PI_DAY - 54_566.0),
            ("14-Mar-2024", PI_DAY - 54_566.0),
            ("March 14, 2024", PI_DAY - 54_566.0),
            ("2024-03", PI_DAY - 54_566.0 - 13.0 * DAY),
            ("Mar 2024", PI_DAY - 54_566.0 - 13.0 * DAY),
            ("Mar-2024", PI_DAY - 54_566.0 - 13.0 * DAY),
            ("March 2024", PI_DAY - 54_566.0 - 13.0 * DAY),
            ("1899-12-31", -2_209_075_200.0),
            ("9999-12-31", 253_402_214_400.0),
        ] {
            let Times::Read(times, style) = read_times([text].into_iter()) else { panic!("{text} is a time") };
            assert_eq!(times, [seconds], "{text}");
            assert_eq!(style.text(seconds), text);
        }
    }

    #[test]
    fn other_clocks_and_zones_are_read() {
        for (text, seconds) in [
            ("2024-03-14 3:09:26 PM", PI_DAY),
            ("2024-03-14T15:09:26+0000", PI_DAY),
            ("2024-03-14 15:09:26 UTC", PI_DAY),
            ("2024-03-14T20:39:26+0530", PI_DAY),
            ("Thu, 14 Mar 2024 15:09:26 GMT", PI_DAY),
            ("3/14/2024", PI_DAY - 54_566.0),
        ] {
            assert_eq!(read_time(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_time_is_none() {
        for text in [
            "2024",
            "20240314",
            "2024-13-01",
            "2023-02-29",
            "12:30",
            "1-2",
            "a 2024",
            "2024-03-14T25:00",
            "555-1234",
            "10.1.1.1",
            "3.14.15",
        ] {
            assert_eq!(read_time(text), None, "{text}");
        }
        assert_eq!(read_times(["2024-03-14", "soon"].into_iter()), Times::Not);
    }

    #[test]
    fn days_and_months_are_told_apart_by_any_cell_or_not_at_all() {
        assert_eq!(read_times(["03/04/2024", "05/06/2024"].into_iter()), Times::Ambiguous);
        let Times::Read(times, style) = read_times(["03/04/2024", "15/06/2024"].into_iter()) else {
            panic!("days first")
        };
        assert_eq!((style.text(times[0]).as_str(), style.date.as_str()), ("03/04/2024", "%d/%m/%Y"));
        assert_eq!((read_time("01/03/2021"), read_time("13/03/2021")), (None, Some(1_615_593_600.0)));
        assert_eq!(style.read("01/03/2021"), Some(1_614_556_800.0));
        assert!(matches!(read_times(["01/01/2024", "02/02/2024"].into_iter()), Times::Read(..)));
    }

    #[test]
    fn a_column_of_several_zones_is_written_in_utc() {
        let texts = ["2024-03-14T16:09:26+01:00", "2024-07-14T16:09:26+02:00"];
        let Times::Read(times, style) = read_times(texts.into_iter()) else { panic!("times") };
        assert_eq!(style.text(times[1]), "2024-07-14T14:09:26Z");
    }

    #[test]
    fn fractions_are_rounded_into_the_next_second_and_never_to_sixty() {
        let style = TimeStyle { fraction: 1, ..TimeStyle::of(&[0.5]) };
        assert_eq!(style.text(59.97), "1970-01-01T00:01:00.0Z");
        assert_eq!(TimeStyle::of(&[-0.25]).text(-0.25), "1969-12-31T23:59:59.75Z");
        assert_eq!((TimeStyle::of(&[0.0]).step(), TimeStyle::of(&[0.5]).step()), (86_400.0, 0.1));
    }
}
