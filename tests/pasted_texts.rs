//! What people paste into `capelint explain`, and what it must be taken for.

use capelint::messages::{self, MessagePart};

/// `=id`: known. `~id`: closest, and not known; further candidates do not matter. Nothing: unknown.
const PASTED: &[(&str, &[&str])] = &[
    // CBP's texts as they are
    ("ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS", &["=final-liquidation"]),
    ("no ieepa hts on entry", &["=no-ieepa-hts"]),
    ("9903.03.xx Code Rejected", &["=section-122-rejected"]),
    ("9903.03.01 code rejected", &["=section-122-rejected"]),
    ("ENTRY SUMMARY FLAGGED FOR RECON", &["=flagged-for-reconciliation"]),
    ("ENTRY TYPE NOT ALLOWED", &["=entry-type-not-allowed"]),
    ("ENTRY ON DRAWBACK.", &["=on-drawback"]),
    ("PROTEST ON ENTRY", &["=protest-on-entry"]),
    ("Entry Summary is Cancelled/Rejected", &["=summary-cancelled-or-rejected"]),
    ("STATEMENT PROCESSING NOT COMPLETE", &["=statement-processing"]),
    ("UNABLE TO CALCULATE DUTY", &["=unable-to-calculate-duty"]),
    ("INVALID HTS", &["=invalid-hts"]),
    ("HTS RELATIONSHIP MISMATCH", &["=hts-relationship"]),
    ("HTS RELATIONSHIP/SEQUENCE MISMATCH", &["=hts-relationship-sequence"]),
    ("GOODS VALUE AMOUNT MUST BE REPORTED ON THE CH 1-97", &["=goods-value-on-chapter-1-97"]),
    ("GOODS VALUE AMOUNT NOT ALLOWED ON IEEPA HTS LINE", &["=goods-value-on-ieepa-line"]),
    ("Not a CSV file", &["=not-a-csv-file"]),
    ("Failed initial validation", &["=failed-initial-validation"]),
    ("Rejected by batch validation", &["=rejected-by-batch-validation"]),
    (
        "Unable to process this request at the time. Uncategorized exception occurred during JMS processing.",
        &["=jms-exception"],
    ),
    (
        "CAPE processing is currently experiencing high volumes. If you received an error, please try again in 30 minutes.",
        &["=high-volumes"],
    ),
    (
        "ApexT2JIT_LoginJITServiceImpl:T2JIT_Exception: Error: please contact ACE Support to have your user reactivated.",
        &["=login-41"],
    ),
    // Codes
    ("864", &["=psc-864"]),
    ("error 864", &["=psc-864"]),
    ("864 PSC NOT ALLOWED \u{2013} REFUND REQUESTED", &["=psc-864"]),
    ("F883", &["=psc-f883"]),
    ("got an F883 on my PSC today", &["=psc-f883"]),
    ("F875", &["=importer-inactive"]),
    ("error code F884", &["=psc-f884"]),
    ("886", &["=hts-prohibited-for-country"]),
    ("886 HTS PROHIBITED FOR CO", &["=hts-prohibited-for-country"]),
    ("error 42", &["=login-42"]),
    ("Error Code: 41", &["=login-41"]),
    ("REV-613", &["=report-rev-613"]),
    ("rev 615", &["=report-rev-615"]),
    ("REV603", &["=report-rev-603"]),
    ("ESO 22", &["=report-es-022"]),
    ("what is ES-022?", &["=report-es-022"]),
    ("42 entries", &[]),
    ("F999", &[]),
    ("865", &[]),
    // Codes that others made up
    ("E001", &["=invented-e-codes"]),
    ("E403", &["=invented-e-codes"]),
    ("E301 - Importer Mismatch", &["=invented-e-codes", "=account-mismatch"]),
    ("ERR-007", &["=invented-err-codes"]),
    ("VAL-F", &["=invented-val-codes"]),
    ("VAL-I-003", &["=invented-val-codes"]),
    ("E999", &[]),
    ("E-101", &["=invented-e-codes"]),
    // Statuses
    ("Rejected", &["=rejected"]),
    ("Pending", &["=pending"]),
    ("Accepted", &["=accepted"]),
    ("Accepted with Error(s)", &["=accepted-with-errors"]),
    ("Status: Failed", &["=failed"]),
    ("Entry Summary Updated", &["=entry-summary-updated"]),
    ("Under Review", &["=waits-for-liquidation"]),
    ("Funds Diverted", &["=refund-funds-diverted"]),
    ("Check/ACH Returned", &["=refund-returned"]),
    ("Processed by CAPE Liq Batch", &["=cape-indicator"]),
    // Entry numbers, rows and several messages in one paste
    ("ABC-1234567-6: PROTEST ON ENTRY", &["=protest-on-entry"]),
    ("Failed, NO IEEPA HTS ON ENTRY", &["=no-ieepa-hts"]),
    (
        "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\n=\"ABC12345676\",=\"300000001247\",Failed,\"NO IEEPA HTS ON ENTRY\"\n",
        &["=no-ieepa-hts"],
    ),
    (
        "ABC12345676 Failed INVALID HTS\nABC12345684 Failed ENTRY ON DRAWBACK\nABC12345692 Entry Summary Updated",
        &["=invalid-hts", "=on-drawback", "=entry-summary-updated"],
    ),
    (
        "HTS RELATIONSHIP/SEQUENCE MISMATCH, LINE 001; ENTRY ON DRAWBACK",
        &["=hts-relationship-sequence", "=on-drawback"],
    ),
    ("PROTEST ON ENTRY; something we have never seen; INVALID HTS", &["=protest-on-entry", "=invalid-hts"]),
    // Misspelt and rephrased: a guess, and marked as one
    ("ENTRY SUMARY IS IN FINAL LIQUDATION STATUS", &["~final-liquidation"]),
    ("enrty summary in final liqidation staus", &["~final-liquidation"]),
    ("STATMENT PROCESING NOT COMPLETED", &["~statement-processing"]),
    ("UNABEL TO CALCULTE DUTY", &["~unable-to-calculate-duty"]),
    ("STATEMENTPROCESSINGNOTCOMPLETE", &["~statement-processing"]),
    ("no IEPA hts on the entry", &["~no-ieepa-hts"]),
    ("goods value ammount not alowed on ieepa line", &["~goods-value-on-ieepa-line"]),
    ("HTS relation ship mismatch", &["~hts-relationship"]),
    ("why is my entry in final liquidation?", &["~final-liquidation"]),
    ("PSC NOT ALLOWED", &["~psc-864"]),
    ("INVLID HTS", &["~invalid-hts"]),
    ("the filer code doesn't match my account", &["~account-mismatch"]),
    ("duty calculation could not be done: unable to calculate", &["~unable-to-calculate-duty"]),
    ("drawback", &["~on-drawback"]),
    ("please contact ACE support to reactivate your user", &["~login-41"]),
    // Questions
    ("withdraw a declaration", &["=withdraw-declaration"]),
    ("how can I withdraw my declaration", &["~withdraw-declaration"]),
    ("Can I cancel a declaration that was accepted?", &["=withdraw-declaration"]),
    ("included an entry by mistake", &["=entry-included-by-mistake"]),
    ("I included an entry by mistake, what now", &["=entry-included-by-mistake"]),
    ("we included the wrong entry", &["=entry-included-by-mistake"]),
    ("where is my refund", &["=report-rev-615"]),
    ("clear browser cache", &["~login-42"]),
    ("which browser for ACE", &["=login-42"]),
    // A NOT in between, or in front
    ("ENTRY IS NOT ON DRAWBACK", &[]),
    ("ENTRY SUMMARY IS NOT IN FINAL LIQUIDATION STATUS", &[]),
    ("NOT PROTEST ON ENTRY", &[]),
    ("STATEMENT PROCESSING COMPLETE", &[]),
    ("PSC ALLOWED - REFUND REQUESTED", &[]),
    ("ENTRY TYPE ALLOWED", &[]),
    ("IEEPA HTS ON ENTRY", &[]),
    ("entry summary isn't flagged for recon", &[]),
    // One generic word, and what has nothing to do with it
    ("entry", &[]),
    ("error", &[]),
    ("declaration", &[]),
    ("HTS", &[]),
    ("status", &[]),
    ("liquidation", &[]),
    ("summary", &[]),
    ("the weather is fine", &[]),
    ("invalid importer number", &[]),
    ("HTS NOT FOUND", &[]),
    ("Internal Server Error", &[]),
    ("protest denied", &[]),
    ("BOND AMOUNT INSUFFICIENT", &[]),
    ("MANUFACTURER ID UNKNOWN", &[]),
    ("", &[]),
    ("?!", &[]),
];

fn found(text: &str) -> Vec<String> {
    (messages::embedded().lookup(text).parts.iter())
        .filter_map(|part| match part {
            MessagePart::Known { message, .. } => Some(format!("={}", message.id)),
            MessagePart::Closest { candidates, .. } => Some(format!("~{}", candidates[0].id)),
            MessagePart::Unknown { .. } => None,
        })
        .collect()
}

#[test]
fn pasted_texts_are_found_and_guesses_are_marked() {
    assert!(PASTED.len() >= 60);
    let wrong: Vec<String> = PASTED
        .iter()
        .filter(|(text, expected)| found(text) != *expected)
        .map(|(text, expected)| format!("{text:?}: {:?}, wanted {expected:?}", found(text)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), PASTED.len(), wrong.join("\n"));
}

#[test]
fn every_wording_and_code_of_the_catalog_finds_its_message() {
    for message in messages::embedded().messages() {
        let known = format!("={}", message.id);
        for text in [&message.id, &message.text].into_iter().chain(&message.also).chain(&message.code) {
            assert!(found(text).contains(&known), "{text:?}: {:?}, wanted {known}", found(text));
            let others = found(text).into_iter().filter(|found| found[1..] != known[1..]).count();
            assert_eq!(others, 0, "{text:?}: {:?}", found(text));
        }
    }
}

#[test]
fn a_long_paste_is_read_in_time() {
    let row =
        "ABC12345676,300000001247,Failed,\"some words nobody knows and ENTRY SUMARY IN FINL LIQUIDATION\"\n";
    let text = row.repeat(2_000) + "INVALID HTS";
    let begun = std::time::Instant::now();
    assert!(found(&text).contains(&"=invalid-hts".to_owned()));
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}
