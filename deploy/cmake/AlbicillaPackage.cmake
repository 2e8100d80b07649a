# What is installed where, and the Debian package of it: deploy/package.sh.
include(GNUInstallDirs)

foreach(program albicilla-proxy albicilla-sink albicilla-conv albicilla-verify albicilla-view)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(FILES ${PROJECT_BINARY_DIR}/man/${program}.1
      DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
  endif()
endforeach()
install(FILES deploy/systemd/albicilla-proxy.service deploy/systemd/albicilla-sink.service
  deploy/systemd/albicilla-view.service
  DESTINATION lib/systemd/system)
install(FILES deploy/.env.example deploy/OPERATIONS.md deploy/CHANGELOG.md
  deploy/prometheus/prometheus.yml deploy/prometheus/alerts.yml deploy/grafana/albicilla.json
  deploy/lb/haproxy.cfg deploy/lb/nginx.conf
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME albicilla)
set(CPACK_PACKAGE_CONTACT "The Albicilla authors <albicilla@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "logging proxy for LLM traffic, with verifiable logs")
set(CPACK_PACKAGE_DESCRIPTION
  "Applications change one base URL; their OpenAI or Anthropic traffic goes on to the\n"
  "provider byte for byte, and every exchange becomes, exactly once, one line of JSONL\n"
  "per session. A converter makes training data of them, a verifier shows that nothing\n"
  "was lost or changed, a viewer lets people read.")
string(CONCAT CPACK_PACKAGE_DESCRIPTION ${CPACK_PACKAGE_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
  ${PROJECT_SOURCE_DIR}/deploy/debian/prerm
  ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
include(CPack)
