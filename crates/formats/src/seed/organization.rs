//! What kind of organization it is: departments, titles, the names of groups.

use serde::{Deserialize, Serialize};

/// A kind of organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Organization {
    /// A company with engineers and an office.
    #[default]
    Company,
    /// A university: most people are students.
    University,
    /// A retailer with stores, where many people come and go.
    Retailer,
}

/// A department: its name, its division, and what its people do.
pub(super) struct Department {
    pub name: &'static str,
    pub division: &'static str,
    pub titles: &'static [&'static str],
}

const fn department(name: &'static str, division: &'static str, titles: &'static [&'static str]) -> Department {
    Department { name, division, titles }
}

impl Organization {
    /// The name of the made-up organization.
    pub(super) fn name(self) -> &'static str {
        match self {
            Organization::Company => "Tideway Instruments",
            Organization::University => "University of Northmere",
            Organization::Retailer => "Larkfield Stores",
        }
    }

    /// Its departments, the largest first.
    pub(super) fn departments(self) -> &'static [Department] {
        match self {
            Organization::Company => COMPANY,
            Organization::University => UNIVERSITY,
            Organization::Retailer => RETAILER,
        }
    }

    /// What `userType` says (RFC 7643 section 4.1.1), by chance.
    pub(super) fn user_types(self) -> &'static [&'static str] {
        match self {
            Organization::Company => &["Employee", "Employee", "Employee", "Employee", "Employee", "Contractor"],
            Organization::University => &["Student", "Student", "Student", "Student", "Staff", "Faculty"],
            Organization::Retailer => &["Employee", "Employee", "Part-time", "Part-time", "Seasonal", "Seasonal"],
        }
    }

    /// What groups are called that are no department's: the first word, and the second.
    pub(super) fn group_words(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Organization::Company => (&["Project", "Team", "Access", "Guild", "On-call"], WORDS),
            Organization::University => (&["Course", "Seminar", "Lab", "Committee", "Access"], WORDS),
            Organization::Retailer => (&["Store", "Shift", "Region", "Access", "Training"], WORDS),
        }
    }
}

const COMPANY: &[Department] = &[
    department("Engineering", "Product", &["Software Engineer", "Senior Engineer", "Test Engineer", "Site Engineer"]),
    department("Sales", "Market", &["Account Manager", "Sales Engineer", "Sales Representative"]),
    department("Support", "Market", &["Support Engineer", "Customer Advisor"]),
    department("Product", "Product", &["Product Manager", "Product Analyst"]),
    department("Operations", "Services", &["Operations Engineer", "Facility Planner", "Buyer"]),
    department("Marketing", "Market", &["Campaign Planner", "Editor", "Event Planner"]),
    department("Finance", "Services", &["Accountant", "Controller", "Payroll Clerk"]),
    department("Design", "Product", &["Designer", "Illustrator", "User Researcher"]),
    department("People", "Services", &["Recruiter", "People Partner", "Trainer"]),
    department("Legal", "Services", &["Counsel", "Contract Clerk"]),
];

const UNIVERSITY: &[Department] = &[
    department("Computer Science", "Sciences", &["Student", "Tutor", "Lecturer", "Professor"]),
    department("Medicine", "Medicine", &["Student", "Resident", "Lecturer", "Professor"]),
    department("Law", "Humanities", &["Student", "Research Associate", "Professor"]),
    department("Mathematics", "Sciences", &["Student", "Tutor", "Lecturer", "Professor"]),
    department("History", "Humanities", &["Student", "Archivist", "Lecturer"]),
    department("Physics", "Sciences", &["Student", "Lab Assistant", "Lecturer"]),
    department("Linguistics", "Humanities", &["Student", "Research Associate", "Lecturer"]),
    department("Library", "Services", &["Librarian", "Desk Clerk"]),
    department("Student Services", "Services", &["Advisor", "Desk Clerk"]),
    department("Administration", "Services", &["Registrar", "Clerk", "System Administrator"]),
];

const RETAILER: &[Department] = &[
    department("Stores North", "Stores", &["Sales Assistant", "Cashier", "Shift Lead", "Store Manager"]),
    department("Stores South", "Stores", &["Sales Assistant", "Cashier", "Shift Lead", "Store Manager"]),
    department("Warehouse", "Logistics", &["Picker", "Forklift Driver", "Shift Lead"]),
    department("Transport", "Logistics", &["Driver", "Dispatcher"]),
    department("Online Shop", "Shop", &["Shop Editor", "Photographer", "Web Developer"]),
    department("Customer Care", "Shop", &["Customer Advisor", "Team Lead"]),
    department("Purchasing", "Head Office", &["Buyer", "Quality Inspector"]),
    department("Marketing", "Head Office", &["Campaign Planner", "Decorator"]),
    department("Finance", "Head Office", &["Accountant", "Payroll Clerk"]),
    department("People", "Head Office", &["Recruiter", "Trainer"]),
];

const WORDS: &[&str] = &[
    "Amber", "Birch", "Cedar", "Delta", "Ember", "Falcon", "Granite", "Harbour", "Indigo", "Juniper", "Kestrel",
    "Lantern", "Meadow", "Nimbus", "Orchid", "Pebble", "Quartz", "River", "Saffron", "Timber", "Umbra", "Velvet",
    "Willow", "Zephyr",
];
