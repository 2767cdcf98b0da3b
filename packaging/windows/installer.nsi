; The installer for Windows; packaging/windows.sh calls makensis with what is named in capitals.
; It installs for whoever runs it, so that no administrator is needed. Books are never touched.
Unicode true
Target amd64-unicode
ManifestDPIAware true
; Otherwise Windows says it is an older one.
ManifestSupportedOS Win10
!include "MUI2.nsh"
!include "FileFunc.nsh"

!define NAME "用户服务台帐"
!define KEY "Taizhang"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${KEY}"
!define BOOK "Taizhang.Book"
; The folder of the office's data, as the program finds it.
!define BOOKS "$APPDATA\taizhang\data"

Name "${NAME}"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "Software\${KEY}" "InstallDir"
SetCompressor /SOLID lzma
ShowInstDetails nevershow
ShowUninstDetails nevershow
BrandingText "${NAME} ${VERSION}"

VIProductVersion "${VERSION}.0"
VIFileVersion "${VERSION}.0"
VIAddVersionKey /LANG=2052 "ProductName" "${NAME}"
VIAddVersionKey /LANG=2052 "FileDescription" "${NAME} 安装程序"
VIAddVersionKey /LANG=2052 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=2052 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=2052 "LegalCopyright" ""

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_WELCOMEPAGE_TEXT "将安装到您自己的用户名下，不需要管理员。$\r$\n$\r$\n以前装过的，会换成这一版；台帐里的内容不受影响。$\r$\n$\r$\n如果“${NAME}”正开着，请先把它关掉。"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\taizhang.exe"
!define MUI_FINISHPAGE_RUN_TEXT "现在打开 ${NAME}"
!insertmacro MUI_PAGE_FINISH

!define MUI_UNCONFIRMPAGE_TEXT_TOP "将从这台电脑上卸载“${NAME}”程序。台帐（填写的全部内容）不会删除，仍在 ${BOOKS}；以后再装上程序，还能接着用。"
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!define MUI_FINISHPAGE_TITLE "程序已经卸载"
!define MUI_FINISHPAGE_TEXT "台帐没有删除，仍在：$\r$\n${BOOKS}$\r$\n$\r$\n还要用的，请把那里的 .book 文件备份好；确实不再要的，由您自己删除。"
!insertmacro MUI_UNPAGE_FINISH
!insertmacro MUI_LANGUAGE "SimpChinese"

; A program that runs cannot be replaced: its file opens for writing only when it is closed.
!macro WAIT_UNTIL_CLOSED
  again:
  IfFileExists "$INSTDIR\taizhang.exe" 0 closed
  ClearErrors
  FileOpen $0 "$INSTDIR\taizhang.exe" a
  IfErrors 0 shut
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "“${NAME}”正开着。请先把它关掉，再点“重试”。" /SD IDCANCEL IDRETRY again
  SetErrorLevel 1
  Abort
  shut:
  FileClose $0
  closed:
!macroend

!macro TELL_EXPLORER
  System::Call 'shell32::SHChangeNotify(i 0x8000000, i 0, p 0, p 0)'
!macroend

Section
  !insertmacro WAIT_UNTIL_CLOSED
  SetOutPath "$INSTDIR"
  File "${FILES}/taizhang.exe"
  File "${FILES}/说明.txt"
  SetOutPath "$INSTDIR\许可证"
  File "${FILES}/许可证/*.txt"
  SetOutPath "$INSTDIR"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\taizhang.exe"
  CreateShortcut "$DESKTOP\${NAME}.lnk" "$INSTDIR\taizhang.exe"

  ; A book opens with a double click. Whatever else opened files of this name is left in its place, and offered beside.
  WriteRegStr HKCU "Software\Classes\${BOOK}" "" "台帐"
  WriteRegStr HKCU "Software\Classes\${BOOK}\DefaultIcon" "" "$INSTDIR\taizhang.exe,0"
  WriteRegStr HKCU "Software\Classes\${BOOK}\shell\open\command" "" '"$INSTDIR\taizhang.exe" --book "%1"'
  WriteRegStr HKCU "Software\Classes\.book\OpenWithProgids" "${BOOK}" ""
  ReadRegStr $0 HKCU "Software\Classes\.book" ""
  ${If} $0 == ""
    WriteRegStr HKCU "Software\Classes\.book" "" "${BOOK}"
  ${EndIf}
  !insertmacro TELL_EXPLORER

  WriteRegStr HKCU "Software\${KEY}" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\taizhang.exe,0"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${SIZE}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  !insertmacro WAIT_UNTIL_CLOSED
  ; One by one: whoever put a book into this folder finds it there afterwards.
  Delete "$INSTDIR\taizhang.exe"
  Delete "$INSTDIR\说明.txt"
  Delete "$INSTDIR\许可证\ARPHICPL.txt"
  Delete "$INSTDIR\许可证\OFL-HanaMin.txt"
  Delete "$INSTDIR\许可证\OFL-Noto.txt"
  RMDir "$INSTDIR\许可证"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  Delete "$DESKTOP\${NAME}.lnk"
  ReadRegStr $0 HKCU "Software\Classes\.book" ""
  ${If} $0 == "${BOOK}"
    DeleteRegValue HKCU "Software\Classes\.book" ""
  ${EndIf}
  DeleteRegValue HKCU "Software\Classes\.book\OpenWithProgids" "${BOOK}"
  DeleteRegKey /ifempty HKCU "Software\Classes\.book\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "Software\Classes\.book"
  DeleteRegKey HKCU "Software\Classes\${BOOK}"
  !insertmacro TELL_EXPLORER
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\${KEY}"
SectionEnd
