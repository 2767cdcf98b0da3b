//! Lengths on paper. One unit inside, named where it enters: nothing in the house holds a bare number of millimetres.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// Millimetres in one typographic point (1/72 inch).
const MM_PER_POINT: f64 = 25.4 / 72.0;

/// A length on paper, in millimetres. Lengths add; a length times a length is not a length, so there is no such operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Mm(f64);

impl Mm {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);

    /// A length given in millimetres.
    #[expect(clippy::self_named_constructors, reason = "constructors are named by their unit")]
    pub const fn mm(value: f64) -> Self {
        Self(value)
    }

    /// A length given in points, as type sizes (字号) are: 五号 is 10.5 points.
    pub const fn points(value: f64) -> Self {
        Self(value * MM_PER_POINT)
    }

    /// The length in millimetres.
    pub const fn to_mm(self) -> f64 {
        self.0
    }

    /// The length in points of 1/72 inch, as PDF counts.
    pub const fn to_points(self) -> f64 {
        self.0 / MM_PER_POINT
    }

    /// The longer of two.
    pub fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }

    /// The shorter of two.
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}

impl Add for Mm {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Mm {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Mm {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Mm {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Neg for Mm {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul<f64> for Mm {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

impl Div<f64> for Mm {
    type Output = Self;
    fn div(self, divisor: f64) -> Self {
        Self(self.0 / divisor)
    }
}

/// How many times one length holds another.
impl Div for Mm {
    type Output = f64;
    fn div(self, other: Self) -> f64 {
        self.0 / other.0
    }
}

impl std::iter::Sum for Mm {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::ZERO, Add::add)
    }
}

/// A place on a page: from the left edge, and from the top edge downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left edge of the paper.
    pub x: Mm,
    /// From the top edge of the paper, downwards.
    pub y: Mm,
}

impl Point {
    /// The place `x` from the left and `y` from the top.
    pub const fn new(x: Mm, y: Mm) -> Self {
        Self { x, y }
    }
}

/// Width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Extent to the right.
    pub width: Mm,
    /// Extent downwards.
    pub height: Mm,
}

impl Size {
    /// So wide and so high.
    pub const fn new(width: Mm, height: Mm) -> Self {
        Self { width, height }
    }
}

/// An upright rectangle on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Its top left corner.
    pub min: Point,
    /// Its extent.
    pub size: Size,
}

impl Rect {
    /// From a corner and an extent.
    pub const fn new(x: Mm, y: Mm, width: Mm, height: Mm) -> Self {
        Self { min: Point::new(x, y), size: Size::new(width, height) }
    }

    /// The left edge.
    pub const fn left(self) -> Mm {
        self.min.x
    }

    /// The top edge.
    pub const fn top(self) -> Mm {
        self.min.y
    }

    /// The right edge.
    pub fn right(self) -> Mm {
        self.min.x + self.size.width
    }

    /// The bottom edge.
    pub fn bottom(self) -> Mm {
        self.min.y + self.size.height
    }

    /// The rectangle drawn in by `by` on all four sides.
    pub fn shrink(self, by: Mm) -> Self {
        Self::new(self.left() + by, self.top() + by, self.size.width - by * 2.0, self.size.height - by * 2.0)
    }

    /// Whether `other` lies wholly inside, up to a thousandth of a millimetre.
    pub fn holds(self, other: Self) -> bool {
        let slack = Mm(0.001);
        other.left() >= self.left() - slack
            && other.top() >= self.top() - slack
            && other.right() <= self.right() + slack
            && other.bottom() <= self.bottom() + slack
    }

    /// Whether the two share more than an edge.
    pub fn overlaps(self, other: Self) -> bool {
        let slack = Mm(0.001);
        self.left() + slack < other.right()
            && other.left() + slack < self.right()
            && self.top() + slack < other.bottom()
            && other.top() + slack < self.bottom()
    }
}
