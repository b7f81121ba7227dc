//! Where people work: what addresses and telephone numbers look like there.

use super::names::Locale;

/// A place of work.
pub(super) struct Office {
    pub city: &'static str,
    /// ISO 3166-1 alpha-2, as RFC 7643 section 4.1.2 has it.
    pub country: &'static str,
    pub region: &'static str,
    pub street: &'static str,
    pub postal_code: &'static str,
    /// IANA time zone name.
    pub timezone: &'static str,
    /// What telephone numbers begin with; four digits follow.
    pub telephone: &'static str,
}

/// The places of a locale.
pub(super) fn offices(locale: Locale) -> &'static [Office] {
    match locale {
        Locale::En => EN,
        Locale::De => DE,
        Locale::Fr => FR,
        Locale::Es => ES,
        Locale::Pl => PL,
        Locale::Ja => JA,
        Locale::Zh => ZH,
        Locale::Ar => AR,
    }
}

macro_rules! offices {
    ($($name:ident = [$(($($part:literal),*)),* $(,)?];)*) => {
        $(const $name: &[Office] = &[$(office($($part),*)),*];)*
    };
}

#[rustfmt::skip]
const fn office(
    city: &'static str, country: &'static str, region: &'static str, street: &'static str, postal_code: &'static str,
    timezone: &'static str, telephone: &'static str,
) -> Office {
    Office { city, country, region, street, postal_code, timezone, telephone }
}

// The telephone numbers are those that are kept for examples and films where a country has such, else of an area code that
// is given to nobody.
offices! {
    EN = [
        ("London", "GB", "England", "Orchard Row", "EC1A 9ZZ", "Europe/London", "+44 20 7946 0"),
        ("Boston", "US", "MA", "Harbour Street", "02110", "America/New_York", "+1 617 555 0"),
        ("Sydney", "AU", "NSW", "Banksia Lane", "2000", "Australia/Sydney", "+61 2 5550 "),
    ];
    DE = [
        ("Berlin", "DE", "Berlin", "Lindenallee", "10999", "Europe/Berlin", "+49 30 23125 "),
        ("München", "DE", "Bayern", "Am Alten Hafen", "80331", "Europe/Berlin", "+49 89 99998 "),
        ("Zürich", "CH", "ZH", "Seeblickgasse", "8001", "Europe/Zurich", "+41 44 000 "),
    ];
    FR = [
        ("Lyon", "FR", "Auvergne-Rhône-Alpes", "Rue des Tilleuls", "69002", "Europe/Paris", "+33 4 65 71 "),
        ("Paris", "FR", "Île-de-France", "Passage du Moulin", "75011", "Europe/Paris", "+33 1 99 00 "),
        ("Montréal", "CA", "QC", "Chemin du Ruisseau", "H2Y 1A1", "America/Toronto", "+1 514 555 0"),
    ];
    ES = [
        ("Valencia", "ES", "Valencia", "Calle del Naranjo", "46001", "Europe/Madrid", "+34 960 00 "),
        ("Bogotá", "CO", "Cundinamarca", "Carrera del Río", "110111", "America/Bogota", "+57 601 000 "),
    ];
    PL = [
        ("Kraków", "PL", "Małopolskie", "ulica Lipowa", "30-001", "Europe/Warsaw", "+48 12 000 "),
        ("Łódź", "PL", "Łódzkie", "ulica Źródlana", "90-001", "Europe/Warsaw", "+48 42 000 "),
    ];
    JA = [
        ("東京都千代田区", "JP", "東京都", "桜通り", "100-0001", "Asia/Tokyo", "+81 3 0000 "),
        ("大阪市北区", "JP", "大阪府", "川端町", "530-0001", "Asia/Tokyo", "+81 6 0000 "),
    ];
    ZH = [
        ("上海", "CN", "上海", "柳树路", "200001", "Asia/Shanghai", "+86 21 0000 "),
        ("台北", "TW", "台北市", "松林街", "100", "Asia/Taipei", "+886 2 0000 "),
    ];
    AR = [
        ("القاهرة", "EG", "القاهرة", "شارع النخيل", "11511", "Africa/Cairo", "+20 2 0000 "),
        ("الدار البيضاء", "MA", "الدار البيضاء", "زنقة الزيتون", "20000", "Africa/Casablanca", "+212 5 0000 "),
    ];
}
