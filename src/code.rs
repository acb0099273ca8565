//! The kinds of errors, each with what it means and what to do: `capelint explain CODE` prints them.

use std::fmt;

/// Declares the codes: a group's title, then code by code its name, what it means, and what to do.
macro_rules! codes {
    ($($title:literal: $($code:ident $name:literal $meaning:literal $help:literal)+)+) => {
        /// A kind of error.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $meaning] $code,)+)+
        }

        impl Code {
            /// All codes, group by group.
            pub const ALL: &'static [Self] = &[$($(Self::$code,)+)+];

            /// Its stable name, such as `unknown-key`.
            pub fn name(self) -> &'static str {
                match self {
                    $($(Self::$code => $name,)+)+
                }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $($(Self::$code => $meaning,)+)+
                }
            }

            /// What to do, in general; an error itself often knows better.
            pub fn help(self) -> &'static str {
                match self {
                    $($(Self::$code => $help,)+)+
                }
            }

            /// What it is an error in.
            pub fn group(self) -> &'static str {
                match self {
                    $($(Self::$code)|+ => $title,)+
                }
            }
        }
    };
}

codes! {
    "Files":
    AmbiguousSheet "ambiguous-sheet"
        "A workbook has several sheets that could be the table."
        "Name the sheet (`FILE#Sheet`), or save it as a file of its own."
    CutOff "cut-off"
        "The last row of a file ends in the middle: the export was not complete when it was saved or copied."
        "Export it again."
    DamagedWorkbook "damaged-workbook"
        "A workbook cannot be read: the archive or its XML is broken."
        "Open it in Excel and save it again, or export it as CSV."
    DuplicateColumn "duplicate-column"
        "Two columns of a file have the header of one column of the table."
        "Remove or rename one of them."
    EmptyFile "empty-file"
        "A file has no bytes."
        "Export it again."
    EmptyTable "empty-table"
        "A file has a header and no rows, and the table cannot be empty."
        "Export it again for the period and the entries that you need."
    EncryptedWorkbook "encrypted-workbook"
        "A workbook is protected by a password."
        "Open it in Excel, remove the password and save it."
    FileChanged "file-changed"
        "A file was written to while it was read."
        "Wait until it is complete, then run again."
    FileTooBig "file-too-big"
        "A file is larger than any file of its kind."
        "Check that it is the file you meant."
    FormulaWithoutResult "formula-without-result"
        "A cell has a formula whose result was never saved."
        "Open the workbook in Excel and save it."
    IsADirectory "is-a-directory"
        "A folder was given where a file is needed."
        "Name a file in it."
    NoEntryNumbers "no-entry-numbers"
        "A table has rows, and no entry number in them can be read."
        "Export it again with the entry number in one column."
    NoKeyColumn "no-key-column"
        "No header of a file is that of the entry number."
        "Check that it is the right file, or add the header to the table in a rule file."
    NoSheet "no-sheet"
        "A workbook has no worksheet, or not the one that was named."
        "Name one of its sheets."
    NoStatusColumn "no-status-column"
        "Claim Details have no status column, so they do not show what became of the entries."
        "Download them from the Claims tab of the ACE Portal."
    NoSuchFile "no-such-file"
        "A file does not exist."
        "Check the path. Paths in `capelint.yaml` are relative to its folder."
    NotATable "not-a-table"
        "A file is something else than CSV or a workbook, whatever its name ends in."
        "Export the report as CSV or XLSX."
    NotSeekable "not-seekable"
        "A file can only be read from beginning to end, and here it has to be read twice."
        "Save it to a file first."
    OtherTable "other-table"
        "The headers of a file are those of another table."
        "Provide it as that table."
    OversizedWorkbook "oversized-workbook"
        "A workbook unpacks to more than any report has."
        "Export the report as CSV."
    RecordTooLong "record-too-long"
        "A row is longer than any row of a table."
        "Export the report as CSV again."
    SecondHeader "second-header"
        "A second header in the middle of a file has other columns than the first."
        "Provide the parts as files of their own."
    TwoHeaders "two-headers"
        "Two rows of a file could be its header."
        "Remove the one that is not."
    UnreadableFile "unreadable-file"
        "A file exists and cannot be read."
        "Check the permissions and the drive, or copy it to a local folder."
    UnterminatedQuote "unterminated-quote"
        "A quote is opened and not closed, so that the rows after it would be one cell."
        "Close or remove the quote, or export the report again."
    WorkbookNotAnonymized "workbook-not-anonymized"
        "`capelint anonymize` reads CSV files only."
        "Save the sheet as CSV."
    "Command line and folders":
    BadBaseline "bad-baseline"
        "A file that was given as a baseline is none."
        "Write it again with `--write-baseline`."
    BadFilePattern "bad-file-pattern"
        "A pattern of file names is malformed."
        "Correct it: `*` stands for anything in a name, `**` for any folders."
    CannotWrite "cannot-write"
        "A file or folder cannot be written."
        "Check the folder, its permissions and the free space."
    DoesNotAddUp "does-not-add-up"
        "The rows of the declarations and of the files to write do not add up. Nothing was written."
        "Report this as a bug in capelint."
    ExportedLater "exported-later"
        "A table's day of export is after the filing date."
        "Correct one of the two days."
    ExportReadTwice "export-read-twice"
        "A plan reads the export twice, and a stream can be read only once."
        "Save it to a file first."
    FileExists "file-exists"
        "A file exists already, and capelint does not write over it."
        "Choose another folder, or `--force`."
    LeftOverUploads "left-over-uploads"
        "A folder has upload files of another run, and with the new ones entries would be declared twice."
        "Move them away, or choose another folder."
    LockFile "lock-file"
        "A file is the lock file that Office writes beside an open workbook."
        "Name the workbook itself."
    NoClaimsTable "no-claims-table"
        "The rules declare no table `claims`."
        "Use the built-in pack's `tables/claims.yaml`."
    NoExport "no-export"
        "A plan starts from the ES-003, and none was provided."
        "Provide the ES-003."
    NotAnEntryNumber "not-an-entry-number"
        "A text is not an entry number."
        "Write the filer code, 7 digits and the check digit, as in ABC-1234567-6."
    NotDeclared "not-declared"
        "An entry is on no declaration of the run."
        "Name the declaration that includes it."
    NotEmpty "not-empty"
        "A folder is not empty, and nothing is written over."
        "Name a new folder."
    NotSelectable "not-selectable"
        "A rule cannot run alone: a rule file turned it off, or it is about waivers."
        "Select another, or take it out of `off:`."
    NothingKnown "nothing-known"
        "Nothing is known about a text."
        "Give a rule's id, or CBP's message as it was shown."
    NothingSelected "nothing-selected"
        "The export has no entry of the importers to which the run is limited."
        "Check their numbers."
    NothingThere "nothing-there"
        "A folder or pattern has no file of the kind that is needed."
        "Check the folder and the pattern."
    SameOutput "same-output"
        "Two outputs would be written to one file."
        "Give each a file of its own."
    SeveralConfigurations "several-configurations"
        "Declarations of one run belong to different configurations."
        "Check them in runs of their own, or name one configuration for all."
    UnknownCommand "unknown-command"
        "There is no command of that name."
        "Run `capelint --help`."
    UnknownFormat "unknown-format"
        "There is no format of that name."
        "See `--format` in `capelint check --help`."
    UnknownLevel "unknown-level"
        "There is no such level of `--fail-on`."
        "The levels are `error`, `stop`, `warning` and `never`."
    WouldOverwriteInput "would-overwrite-input"
        "A file to write is an input of the run."
        "Choose another name: inputs are never written over."
    "YAML of rule files and of the configuration":
    ControlCharacter "control-character"
        "A rule file has a character that does something other than show itself."
        "Remove it."
    DuplicateKey "duplicate-key"
        "A key appears twice in one mapping."
        "Remove one of them."
    MissingKey "missing-key"
        "A key that is required is missing."
        "Add it."
    MissingValue "missing-value"
        "A key has no value."
        "Fill it in, or remove the key."
    NotUtf8 "not-utf8"
        "A rule file is not UTF-8."
        "Save it as UTF-8."
    TooDeep "too-deep"
        "Lists and mappings are nested deeper than any rule needs."
        "Flatten them."
    TooLarge "too-large"
        "A rule file is larger than people write them."
        "Split it."
    TooLong "too-long"
        "A line is longer than people write them."
        "Break it."
    TooManyErrors "too-many-errors"
        "A file has more errors than are shown."
        "Correct those that are shown, then run again."
    UnknownKey "unknown-key"
        "A key is not one of those that are read here."
        "Correct it; an editor with the JSON Schema (`capelint schema`) completes keys."
    UnknownValue "unknown-value"
        "A value is not one of those that are allowed here."
        "Use one of those that are listed."
    WrongKind "wrong-kind"
        "A value is of another kind than is needed: a list in place of a text, for example."
        "Write it as the message says."
    YamlAlias "yaml-alias"
        "YAML aliases mean something else than they show."
        "Write the value out."
    YamlAnchor "yaml-anchor"
        "YAML anchors mean something else than they show."
        "Write the value out."
    YamlDocuments "yaml-documents"
        "A file has several YAML documents."
        "Make a file of each."
    YamlMerge "yaml-merge"
        "YAML merge keys mean something else than they show."
        "Write the keys out."
    YamlSyntax "yaml-syntax"
        "A file is not YAML."
        "Correct it at the place; often a quote or a bracket is not closed before."
    YamlTag "yaml-tag"
        "YAML tags mean something else than they show."
        "Write the value without its tag."
    "Rules":
    BadCodeList "bad-code-list"
        "A code list cannot be read."
        "Correct the CSV file."
    BadDate "bad-date"
        "A text is not a date."
        "Write it as 2026-11-22."
    BadEntryNumber "bad-entry-number"
        "A text is not an entry number, or not a pattern of one."
        "Write 11 letters and digits with a right check digit; a pattern has `*`."
    BadFilerCode "bad-filer-code"
        "A text is not a filer code."
        "Write its 3 letters and digits."
    BadHts "bad-hts"
        "A text is not an HTS number or heading."
        "Write 2 to 10 digits, with or without dots."
    BadImporterNumber "bad-importer-number"
        "A text is not an importer number."
        "Write it as NN-NNNNNNNXX, NNN-NN-NNNN or YYDDPP-NNNNN."
    BadName "bad-name"
        "A text cannot be a name."
        "Use lower-case letters, digits and underscores (in rule ids, hyphens)."
    BadNumber "bad-number"
        "A text is not a number."
        "Write digits."
    BadOperand "bad-operand"
        "An operand cannot be read."
        "Write a literal, a column, `filing_date`, `account.…` or a function, with `+` or `-` and a number of days."
    BadPattern "bad-pattern"
        "A pattern is not a regular expression."
        "Correct it."
    BadPlaceholder "bad-placeholder"
        "A `{` has no `}`, or what is between them is not an operand."
        "Close it; `{{` prints a brace."
    BadYesNo "bad-yes-no"
        "A text is neither yes nor no."
        "Write `yes` or `no`."
    ConflictingKeys "conflicting-keys"
        "Two keys exclude each other."
        "Remove one of them."
    Contradiction "contradiction"
        "A condition can never be true."
        "Correct one of its parts."
    ConstantCondition "constant-condition"
        "A condition comes out the same whatever the data."
        "Remove it, or correct what it compares."
    DuplicateCodeList "duplicate-code-list"
        "A code list is declared twice."
        "Rename it, or write `extends: yes`."
    DuplicateHeader "duplicate-header"
        "A header belongs to two columns of a table."
        "Remove it from one."
    DuplicateMessage "duplicate-message"
        "A message is declared twice."
        "Choose another id."
    DuplicateRule "duplicate-rule"
        "Two rules have the same id."
        "Rename one, or write `replaces: yes`."
    DuplicateTable "duplicate-table"
        "A table is declared twice."
        "Rename it, or write `extends: yes`."
    EffectiveReversed "effective-reversed"
        "A rule ends before it begins."
        "Exchange the days."
    EmptyList "empty-list"
        "A list has nothing in it."
        "List at least one value."
    FileScope "file-scope"
        "A rule on whole files reads something that only an entry or a row has."
        "Use `each: entry`, or a function that looks at whole files."
    LineColumn "line-column"
        "A column has a value for each line, and a rule reads it as if it had one for the entry."
        "Use `some`, `every` or `no` rows `where` it is tested."
    MissingFile "missing-file"
        "A file that a rule file names does not exist."
        "Write its path relative to the folder of the rule file."
    StrayTest "stray-test"
        "A test has nothing to test."
        "Write the column first."
    StrayWhere "stray-where"
        "`where` has no table."
        "Write `some`, `every` or `no` and the table first."
    SupersedesCircle "supersedes-circle"
        "Rules supersede each other in a circle."
        "Remove one `supersedes`."
    SupersedesElsewhere "supersedes-elsewhere"
        "A rule supersedes one that never applies to the same item."
        "Remove it, or correct `each`."
    TestOutOfForce "test-out-of-force"
        "A test files on a day on which its rule is not in force."
        "Correct the test's `filing_date`."
    UnknownChoice "unknown-choice"
        "A column has no choice of that name."
        "Use one of those that are listed."
    UnknownCodeList "unknown-code-list"
        "There is no code list or selection of that name."
        "Correct the name, or declare it under `codes`."
    UnknownColumn "unknown-column"
        "The table has no column of that name."
        "Correct the name, or declare the column."
    UnknownFix "unknown-fix"
        "There is no repair of that name."
        "Use one of those that are listed."
    UnknownFunction "unknown-function"
        "There is no function of that name."
        "Use one of those in the manual."
    UnknownPlaceholder "unknown-placeholder"
        "A placeholder names nothing that is known."
        "Correct the name."
    UnknownRule "unknown-rule"
        "There is no rule of that name."
        "Run `capelint rules` for the list."
    UnknownScope "unknown-scope"
        "A rule cannot be applied to that."
        "Use `file`, `row`, `entry` or a table."
    UnknownSeverity "unknown-severity"
        "There is no severity of that name."
        "The severities are `error`, `stop`, `warning` and `note`."
    UnknownTable "unknown-table"
        "There is no table of that name."
        "Correct the name, or declare the table."
    UnknownTest "unknown-test"
        "There is no test word of that name."
        "Use one of those in the manual."
    UnknownType "unknown-type"
        "There is no type of that name."
        "Use one of those that are listed."
    UnknownWord "unknown-word"
        "A word is not one of those that are allowed here."
        "Use one of those that are listed."
    WrongArguments "wrong-arguments"
        "A function or list has other arguments than it takes."
        "Write them as in the manual."
    WrongTest "wrong-test"
        "A test word does not fit the type of what it tests."
        "Use one that does."
    WrongType "wrong-type"
        "Two values of different types are compared."
        "Compare values of one type."
    UnknownSetting "unknown-setting"
        "There is no setting of that name."
        "Correct the name, or declare it under `settings`."
    UnknownStep "unknown-step"
        "There is no next step of that name."
        "Correct the name, or declare it under `steps`."
    DuplicateName "duplicate-name"
        "Two declarations have the same name."
        "Rename one of them."
    UsesItself "uses-itself"
        "A named figure or condition uses itself."
        "Write out what is meant."
    "Tests of rules":
    FailedTest "failed-test"
        "A test of a rule came out otherwise than it expects."
        "Correct the rule or the test."
    UncoveredRule "uncovered-rule"
        "The tests of a rule leave something unproved."
        "Add the test that is named."
}

impl Code {
    /// The code of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// So that tests can say it as people read it.
impl PartialEq<&str> for Code {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_a_name_of_its_own_and_says_what_to_do() {
        for (at, code) in Code::ALL.iter().enumerate() {
            assert_eq!(Code::named(code.name()), Some(*code));
            assert!(!Code::ALL[..at].iter().any(|other| other.name() == code.name()), "{code} twice");
            assert!(code.meaning().ends_with('.') && code.help().ends_with('.'), "{code}");
        }
    }
}
