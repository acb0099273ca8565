#!/usr/bin/env python3
"""The lists of `capelint plan` as plain SQL: the join and the checks of duckdb_check.py over every entry of an
export, written as upload files of at most 9,999 entries for each importer, those whose window closes first in the
first file, and a work list with the reason of each other entry.

usage: duckdb_plan.py DIR OUT    (DIR made by gen_es003.py; needs `pip install duckdb`)
Prints: entries written for upload, entries on the work list.
"""
import os
import shutil
import sys

import duckdb

folder, out = sys.argv[1:3]
shutil.rmtree(out, ignore_errors=True)
os.makedirs(f"{out}/declarations")
db = duckdb.connect()
# The least memory with which it runs to its end on its own would be unfair to it: it takes as much as it
# needs.
db.execute(f"""
create table judged as
with es as (
  select "Entry Summary Number" as entry, "Entry Type Code" as type, "Importer Number" as importer,
         "Liquidation Status" as status, try_strptime("Liquidation Date", '%m/%d/%Y') as liquidated,
         "HTS Number - Full" as hts, try_cast("Line Tariff Duty Amount" as decimal(18, 2)) as duty,
         "Reconciliation Indicator" as recon
  from read_csv('{folder}/es003.csv', all_varchar = true))
select entry, min(importer) as importer,
       bool_or(type in ('08', '09', '47')) as type_not_allowed,
       bool_or(status = 'Liquidated' and liquidated < date '2026-11-22' - interval 80 day) as past_80_days,
       not coalesce(bool_or(regexp_matches(hts, '^99030[12]') and duty > 0), false) as no_ieepa_duty,
       bool_or(recon = 'Y') as flagged_for_recon,
       max(liquidated) + interval 80 day as last_day,
       sum(duty) filter (where regexp_matches(hts, '^99030[12]')) as ieepa_duty
from es group by entry;
create table uploads as
select entry, importer, (row_number() over (partition by importer order by last_day nulls last, entry) - 1) // 9999 as file
from judged
where not coalesce(type_not_allowed or past_80_days or no_ieepa_duty or flagged_for_recon, false);
copy (
  select entry, importer, last_day, ieepa_duty,
         case when type_not_allowed then 'entry type' when past_80_days then 'past 80 days'
              when no_ieepa_duty then 'no IEEPA duty' else 'flagged for reconciliation' end as reason
  from judged anti join uploads using (entry) order by entry)
to '{out}/worklist.csv' (header);
copy (select entry as "Entry Number", importer, file from uploads order by importer, file, entry)
to '{out}/declarations' (format csv, header, partition_by (importer, file));
""")
print(db.execute("select (select count(*) from uploads), (select count(*) from judged anti join uploads using (entry))").fetchone())
