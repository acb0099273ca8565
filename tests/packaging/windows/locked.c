/* Opens a file as a program does that lets nobody else read it, and runs a command meanwhile:
   locked.exe FILE COMMAND... . For tests only. */
#include <process.h>
#include <stdio.h>
#include <windows.h>

int wmain(int count, wchar_t **words) {
  if (count < 3) return 100;
  HANDLE file = CreateFileW(words[1], GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return 101;
  return (int)_wspawnv(_P_WAIT, words[2], (const wchar_t *const *)(words + 2));
}
