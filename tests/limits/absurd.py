"""Makes files of absurd sizes in the present folder."""
import zipfile

blank = "," * 9999
with open("wide.csv", "w") as file:
    file.write(f"Entry Number{blank}\nABC12345676{blank}\n")
with open("wide-export.csv", "w") as file:
    file.write(f"Entry Date{blank}Entry Summary Number\n11/01/2025{blank}ABC12345676\n")
with open("columns.csv", "w") as file:
    file.write("Entry Number\n" + "," * 16_384 + "\n")
with open("commas.csv", "w") as file:
    file.write("Entry Number\n" + "," * 100_000_000 + "\n")
with open("lines.csv", "w") as file:
    file.write("Entry Number\n" + "\n" * 100_000_000)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(name, sheet, texts=("Entry Number", "ABC12345676")):
    """A workbook of one sheet, whose XML comes in pieces."""
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        book.writestr("_rels/.rels", f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" '
                      f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        book.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
                      '<sheet name="Main Report" sheetId="1" r:id="rId1"/></sheets></workbook>')
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{RELATIONS}">'
                      f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
                      f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
                      '</Relationships>')
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}" uniqueCount="{len(texts)}">'
                      + "".join(f"<si><t>{text}</t></si>" for text in texts) + "</sst>")
        with book.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'<worksheet xmlns="{MAIN}">'.encode())
            for piece in sheet:
                part.write(piece.encode())
            part.write(b"</worksheet>")


ROWS = ('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', '<row r="2"><c r="A2" t="s"><v>1</v></c></row>')
# A small file that declares the largest size of a sheet; a row of it is there.
workbook("dimension.xlsx", ['<dimension ref="A1:XFD1048576"/><sheetData>', *ROWS, "</sheetData>"])
# The same as an export, with a column that an export has.
dated = ('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>2</v></c></row>', ROWS[1])
workbook("export.xlsx", ['<dimension ref="A1:XFD1048576"/><sheetData>', *dated, "</sheetData>"],
         ("Entry Number", "ABC12345676", "Entry Date"))
# A file of 100 KB, and 100 MB of nearly empty rows.
cells = (f'<row r="{row}"><c r="A{row}"/>{" " * 50_000}</row>' for row in range(3, 2_003))
workbook("bomb.xlsx", ["<sheetData>", *ROWS, *cells, "</sheetData>"])
# Two gigabytes of text, all of it the same text.
shared = ("".join(f'<row r="{row}"><c r="A{row}" t="s"><v>1</v></c><c r="B{row}" t="s"><v>2</v></c></row>'
                  for row in range(start, start + 1000)) for start in range(2, 20_002, 1000))
workbook("shared.xlsx", ["<sheetData>", ROWS[0], *shared, "</sheetData>"],
         ("Entry Number", "ABC12345676", "abcdefghij" * 10_000))
