//! x
pub struct Message {
    pub id: String,
    pub text: String,
    pub code: Option<String>,
    pub from_cbp: bool,
    pub since: Option<chrono::NaiveDate>,
    pub until: Option<chrono::NaiveDate>,
    pub meaning: String,
    pub retry: String,
    pub action: String,
    pub rules: Vec<String>,
    pub sources: Vec<String>,
    pub seed: Option<String>,
}
pub fn embedded() -> &'static [Message] {
    &[]
}
pub fn find<'a>(m: &'a [Message], _t: &str) -> Option<&'a Message> {
    m.first()
}
